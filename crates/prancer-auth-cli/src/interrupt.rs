//! Ctrl-C, SIGTERM and SIGHUP: the terminal and the session stay whole.

use std::io;
use std::process::exit;
#[cfg(unix)]
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use crate::current;
use crate::output;

/// How long an exchange in flight may still take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ends the process when a signal says so: after the exchange in flight, and with a terminal that shows what is typed.
///
/// In a thread of its own, since a prompt blocks the one that asks.
pub(crate) fn watch() -> io::Result<()> {
    #[cfg(unix)]
    let terminal = rustix::termios::tcgetattr(io::stdin()).ok();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut signals = {
        let _entered = runtime.enter();
        Signals::new()?
    };
    let end = move || {
        let number = runtime.block_on(signals.next());
        if let Some(session) = current::session() {
            let settled = async { tokio::time::timeout(PATIENCE, session.settled()).await };
            let _ = runtime.block_on(settled);
        }
        #[cfg(unix)]
        if let Some(terminal) = &terminal {
            use rustix::termios::{OptionalActions, tcsetattr};
            let _ = tcsetattr(io::stdin(), OptionalActions::Now, terminal);
        }
        output::say("");
        exit(128 + number)
    };
    thread::Builder::new()
        .name("signals".to_owned())
        .spawn(end)
        .map(drop)
}

/// The signals that end a command, but for a hangup that it was told to ignore, as `nohup` does.
#[cfg(unix)]
pub(crate) struct Signals(Vec<(i32, tokio::signal::unix::Signal)>);

#[cfg(unix)]
impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};

        let ending = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        let hangup = !ignores_hangup();
        let heard = |it: &SignalKind| *it != SignalKind::hangup() || hangup;
        let ending = ending.into_iter().filter(heard);
        let signals = ending.map(|it| Ok((it.as_raw_value(), signal(it)?)));
        signals.collect::<io::Result<_>>().map(Self)
    }

    /// The number of the next one.
    pub(crate) async fn next(&mut self) -> i32 {
        let first = |context: &mut Context<'_>| {
            for (number, signal) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return Poll::Ready(*number);
                }
            }
            Poll::Pending
        };
        std::future::poll_fn(first).await
    }
}

/// Whether the process was told so, as far as the system says it.
#[cfg(unix)]
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // A bit for each signal; that of number 1 is the lowest.
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
pub(crate) struct Signals;

#[cfg(not(unix))]
impl Signals {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) async fn next(&mut self) -> i32 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => 2,
            Err(_) => std::future::pending().await,
        }
    }
}
