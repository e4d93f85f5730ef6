//! xtask as a whole, on copies of the workspace.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod copy;
mod drill;
mod generate;
mod publish;
