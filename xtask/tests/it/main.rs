//! xtask as a whole, on copies of the workspace.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod copy;
mod drill;
mod generate;
#[path = "../../../tests/it/needs.rs"]
mod needs;
mod publish;
