//! The `prancer-auth-emulator` binary: the portal in a box, until it is interrupted.

use std::process::ExitCode;

use clap::Parser;
use prancer_auth_emulator::command;

/// A Prancer portal in a box, on loopback.
///
/// Prints its URL on the first line, and runs until it is interrupted.
#[derive(Parser)]
#[command(version)]
#[cfg_attr(
    feature = "docs",
    command(after_help = "Below that URL, /docs is the interactive reference.")
)]
struct Emulate {
    #[command(flatten)]
    command: command::Arguments,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match command::run(Emulate::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("prancer-auth-emulator: {error}");
            ExitCode::FAILURE
        }
    }
}
