//! `prancer-auth run -- COMMAND`

use std::ffi::OsString;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::arguments::duration;
use crate::command::token;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::settings::Settings;

/// Where the command finds the token.
const VARIABLE: &str = "PRANCER_TOKEN";

#[derive(Args)]
pub(crate) struct Run {
    /// Renew the token first unless it is valid for so long
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    min_validity: Duration,
    /// The command and its arguments, after --
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) async fn run(settings: &Settings, arguments: Run) -> Result<(), Failure> {
    let keeper = Keeper::open(settings).await?;
    let token = token::get(settings, &keeper, Some(arguments.min_validity)).await?;
    let Some((program, rest)) = arguments.command.split_first() else {
        return Ok(());
    };
    let mut command = Command::new(program);
    command.args(rest).env(VARIABLE, token.expose());
    // The password is not the command's.
    command.env_remove("PRANCER_PASSWORD");
    become_it(command, program)
}

/// The command takes the place of this process: its exit code and its signals are its own.
#[cfg(unix)]
fn become_it(mut command: Command, program: &OsString) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt as _;

    let error = command.exec();
    Err(Failure::new(
        format!("cannot run {}", program.display()),
        &error,
    ))
}

#[cfg(not(unix))]
fn become_it(mut command: Command, program: &OsString) -> Result<(), Failure> {
    let status = command.status();
    let status = status
        .map_err(|error| Failure::new(format!("cannot run {}", program.display()), &error))?;
    std::process::exit(status.code().unwrap_or(1));
}
