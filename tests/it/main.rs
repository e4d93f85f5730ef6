//! The stories that go across crates, a module each.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod binary;
mod cli_output;
mod cli_recipes;
mod cli_shell;
mod cli_terminal;
mod clock;
mod command;
mod docs;
mod emulator;
mod emulator_command;
mod envelopes;
mod environment;
mod exchange;
mod faults;
mod fences;
mod figures;
mod fragile;
mod keyrings;
mod lenience;
mod logs;
mod needs;
mod other_client;
mod outages;
mod person;
mod portal;
mod processes;
mod redis_server;
mod refusals;
mod renewal;
mod runtimes;
mod schemas;
mod secrets;
mod sharing;
mod single_flight;
mod stores;
