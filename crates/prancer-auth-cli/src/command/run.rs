//! `prancer-auth run -- COMMAND`

use std::ffi::OsString;
use std::io;
use std::process::Command;
use std::time::Duration;

use clap::Args;

use crate::command::token;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::duration;
use crate::session::OpenSession;
use crate::settings::Settings;

/// Where the command finds the token.
const VARIABLE: &str = "PRANCER_TOKEN";

#[derive(Args)]
#[command(after_help = "Example:\n  prancer-auth run -- ./report.sh\n\n\
    Exits with the exit code of the command, 127 if the command is not found, 126 if it cannot be executed.\n\
    The token is not renewed while the command runs; `prancer-auth proxy` does that.")]
pub(crate) struct Run {
    /// Renew the token first unless it is valid for at least this long
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = duration)]
    min_validity: Duration,
    /// Command and arguments, after --
    #[arg(required = true, trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) async fn run(settings: &Settings, arguments: Run) -> Result<(), Failure> {
    let open = OpenSession::open(settings).await?;
    let token = token::get(settings, &open, Some(arguments.min_validity)).await?;
    let Some((program, rest)) = arguments.command.split_first() else {
        return Ok(());
    };
    let mut command = Command::new(program);
    command.args(rest).env(VARIABLE, token.expose());
    become_it(without_secrets(command), program)
}

/// The password is not the command's, and its core files are its own affair.
pub(crate) fn without_secrets(mut command: Command) -> Command {
    command.env_remove("PRANCER_PASSWORD");
    #[cfg(unix)]
    crate::core_dump::as_before();
    command
}

/// Why a program did not start, with the exit codes of shells.
pub(crate) fn not_started(program: &OsString, error: &io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::NotFound => Exit::NotFound,
        _ => Exit::NotExecutable,
    };
    Failure::plain(exit, format!("cannot run {}: {error}", program.display()))
}

/// The command takes the place of this process: its exit code and its signals are its own.
#[cfg(unix)]
fn become_it(mut command: Command, program: &OsString) -> Result<(), Failure> {
    use std::os::unix::process::CommandExt as _;

    let error = command.exec();
    Err(not_started(program, &error))
}

#[cfg(not(unix))]
fn become_it(mut command: Command, program: &OsString) -> Result<(), Failure> {
    let status = command.status();
    let status = status.map_err(|error| not_started(program, &error))?;
    std::process::exit(status.code().unwrap_or(1));
}
