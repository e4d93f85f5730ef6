//! `prancer-auth proxy -- COMMAND`

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{ExitStatus, exit};
use std::time::Duration;

use clap::Args;

use crate::command::run::{not_started, without_secrets};
use crate::command::token;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::gateway::{Gateway, LONGEST};
use crate::interrupt::Signals;
use crate::output;
use crate::session::OpenSession;
use crate::settings::Settings;

/// Where the command finds the URL of the gateway.
const VARIABLE: &str = "PRANCER_PROXY";
/// How long an exchange in flight may still take at the end.
const PATIENCE: Duration = Duration::from_secs(3);

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    prancer-auth proxy -- python3 report.py\n  \
    prancer-auth proxy -- sh -c 'echo \"url = $PRANCER_PROXY/api/user/get/\" | curl --config -'\n  \
    prancer-auth proxy --socket gateway.sock\n\n\
    The command finds the gateway's URL in PRANCER_PROXY and uses it in place of the portal's. Requests go to the portal with a valid \
    token; login, refresh and logout are forwarded unchanged. With --socket, clients must connect through the socket.\n\
    The URL is a secret: do not put it into the arguments of other programs. The portal has five minutes to begin a response.\n\
    Exits when the command exits, with its exit code; without a command, prints the URL and runs until it is interrupted.")]
pub(crate) struct Proxy {
    /// Loopback address to listen on; port 0 picks a free port
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:0",
        conflicts_with = "socket"
    )]
    listen: SocketAddr,
    /// Unix socket to listen on, created with mode 0600; it must not exist yet
    #[cfg(unix)]
    #[arg(long, value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Command and arguments, after --
    #[arg(trailing_var_arg = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

pub(crate) async fn run(settings: &Settings, arguments: Proxy) -> Result<(), Failure> {
    if !arguments.listen.ip().is_loopback() {
        let problem = "--listen takes an address of this machine, such as 127.0.0.1:0";
        return Err(Failure::plain(Exit::Usage, problem));
    }
    let failed = |error| Failure::new("cannot start", &error);
    let mut signals = Signals::new().map_err(failed)?;
    let open = OpenSession::open_lasting(settings, LONGEST).await?;
    let session = &open.session;
    // Whatever ends it, an exchange in flight comes to its end, and is saved.
    let settled = || tokio::time::timeout(PATIENCE, session.settled());
    tokio::select! {
        // What needs a login is said before anything begins.
        token = token::get(settings, &open, None) => drop(token?),
        number = signals.next() => {
            let _ = settled().await;
            exit(128 + number);
        }
    }
    #[cfg(unix)]
    let socket = arguments.socket.as_deref();
    #[cfg(not(unix))]
    let socket: Option<&std::path::Path> = None;
    let place = socket.map_or_else(
        || arguments.listen.to_string(),
        |it| it.display().to_string(),
    );
    let cannot_listen = |error| Failure::new(format!("cannot listen on {place}"), &error);
    let gateway = Gateway::bind(session.clone(), arguments.listen, socket);
    let (gateway, url) = gateway.await.map_err(cannot_listen)?;
    let serving = tokio::spawn(gateway.serve());
    let ended = match arguments.command.split_first() {
        Some((program, rest)) => child(program, rest, &url, &mut signals).await,
        None => match output::print(url.as_bytes()) {
            Ok(()) => Ok(128 + signals.next().await),
            Err(failure) => Err(failure),
        },
    };
    serving.abort();
    if let Some(socket) = socket {
        let _ = std::fs::remove_file(socket);
    }
    let _ = settled().await;
    exit(ended?)
}

/// Runs the command to its end. It gets the signals that this process gets.
async fn child(
    program: &OsString,
    rest: &[OsString],
    url: &str,
    signals: &mut Signals,
) -> Result<i32, Failure> {
    let mut command = std::process::Command::new(program);
    command.args(rest).env(VARIABLE, url);
    let started = tokio::process::Command::from(without_secrets(command)).spawn();
    #[cfg(unix)]
    crate::core_dump::off();
    let mut child = started.map_err(|error| not_started(program, &error))?;
    loop {
        tokio::select! {
            status = child.wait() => {
                let failed = |error| Failure::new(format!("cannot wait for {}", program.display()), &error);
                return status.map(code).map_err(failed);
            }
            number = signals.next() => pass_on(&child, number),
        }
    }
}

/// A terminal sends Ctrl-C to the command by itself.
#[cfg(unix)]
fn pass_on(child: &tokio::process::Child, number: i32) {
    use rustix::process::{Pid, Signal, kill_process};
    use std::io::IsTerminal as _;

    let pid = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let signal = Signal::from_named_raw(number);
    if let (Some(pid), Some(signal)) = (pid, signal)
        && !(signal == Signal::INT && std::io::stdin().is_terminal())
    {
        let _ = kill_process(pid, signal);
    }
}

#[cfg(not(unix))]
fn pass_on(_: &tokio::process::Child, _: i32) {}

fn code(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return 128 + signal;
    }
    status.code().unwrap_or(1)
}
