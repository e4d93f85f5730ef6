//! The `prancer-auth` command.

mod arguments;
mod command;
mod exit;
mod failure;
mod keeper;
mod output;
mod place;
mod prompt;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use failure::Failure;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => exit::Exit::Done.into(),
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit.into()
        }
    }
}

fn run(Arguments { place, command }: Arguments) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new("cannot start", &error))?;
    runtime.block_on(async {
        match command {
            Command::Login(arguments) => command::login::run(&place, arguments).await,
            Command::Token => command::token::run(&place).await,
            Command::Status => command::status::run(&place).await,
            Command::Refresh => command::refresh::run(&place).await,
            Command::Logout => command::logout::run(&place).await,
            Command::Api(arguments) => command::api::run(&place, &arguments).await,
        }
    })
}
