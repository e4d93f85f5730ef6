//! The stories that go across crates, a module each.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad_answer;
mod bad_answers;
mod bad_portal;
mod binary;
mod bounds;
mod broken_stores;
mod canaries;
mod canaries_of_the_command;
mod cli_api;
mod cli_keyrings;
mod cli_output;
mod cli_profiles;
mod cli_proxy;
mod cli_proxy_guests;
mod cli_recipes;
mod cli_settings;
mod cli_shell;
mod cli_terminal;
mod cli_truth;
mod cli_unsaved;
mod clock;
mod clocks_apart;
mod command;
mod customers;
mod customers_of_the_command;
mod docs;
mod drive;
mod emulator;
mod emulator_command;
mod emulator_sessions;
mod envelopes;
mod environment;
mod exchange;
mod expiry;
mod failed_logins;
mod failover;
mod faults;
mod fences;
mod figures;
mod final_logouts;
mod fleet;
mod fragile;
mod held_up;
mod keyrings;
mod lenience;
mod locks;
mod logs;
mod many_runtimes;
mod needs;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod no_files;
mod one_replay;
mod other_client;
mod outages;
mod patience;
mod person;
mod plain_words;
mod portal;
mod processes;
mod raw_portal;
mod raw_server;
mod redis_replies;
mod redis_server;
mod redis_stores;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod redis_tls;
mod redis_topologies;
mod refusals;
mod rejections;
mod renewal;
mod runtimes;
mod schemas;
mod secrets;
mod security;
mod sharing;
mod shelf;
mod single_flight;
mod soak;
mod soak_group;
mod stores;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls;
#[cfg(any(feature = "rustls", feature = "native-tls"))]
mod tls_portal;
mod watched;
mod what_leaves;
mod witness;
