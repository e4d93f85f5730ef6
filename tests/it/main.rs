//! The stories that go across crates, a module each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod command;
mod emulator;
mod exchange;
mod lenience;
mod portal;
mod renewal;
mod schemas;
mod secrets;
