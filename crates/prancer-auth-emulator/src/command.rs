//! The portal in a box as a command, for its own binary and for others.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use crate::{Emulator, Settings, Shape, User};
use clap::{Args, ValueEnum};
use prancer_auth_client::Password;
use tokio::sync::mpsc::{self, UnboundedReceiver};

/// A Prancer portal in a box, on loopback.
///
/// Prints its URL on the first line, and runs until it is interrupted.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    listen: SocketAddr,
    /// Who can log in; made-up people only [default: user@example.com of customer1].
    #[arg(long = "user", value_name = "EMAIL:PASSWORD:CUSTOMER_ID", value_parser = user)]
    users: Vec<User>,
    /// The segment before /api/.
    #[arg(long)]
    tenant: Option<String>,
    /// Which year's answers to give.
    #[arg(long, value_enum, default_value_t = Year::Y2021)]
    shape: Year,
    /// The life of an access token after a login.
    #[arg(long, value_name = "DURATION", default_value = "7d", value_parser = humantime::parse_duration)]
    login_lifetime: Duration,
    /// The life of an access token after a refresh.
    #[arg(long, value_name = "DURATION", default_value = "24h", value_parser = humantime::parse_duration)]
    refresh_lifetime: Duration,
    /// The life of a refresh token.
    #[arg(long, value_name = "DURATION", default_value = "30d", value_parser = humantime::parse_duration)]
    refresh_token_lifetime: Duration,
    /// Read commands from standard input: `advance 8d` moves the clock forward, so that tokens expire.
    #[arg(long)]
    commands: bool,
    /// Hand out a new refresh token at every refresh, and end the one that was used.
    #[arg(long)]
    rotation: bool,
    /// End the whole session when a refresh token is used a second time.
    #[arg(long, requires = "rotation")]
    reuse_detection: bool,
    /// Answer nothing but what the document describes: 401 instead of 422 for a token of the wrong kind.
    #[arg(long)]
    documented: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Year {
    #[value(name = "2021")]
    Y2021,
    #[value(name = "2022")]
    Y2022,
}

fn user(text: &str) -> Result<User, String> {
    // The password may hold colons; an email address and a customer id do not.
    let parts = text.split_once(':').and_then(|(email, rest)| {
        let (password, customer_id) = rest.rsplit_once(':')?;
        Some((email, password, customer_id))
    });
    match parts {
        Some((email, password, customer_id)) => Ok(User {
            email: email.to_owned(),
            password: Password::from(password),
            customer_id: customer_id.to_owned(),
        }),
        None => Err("expected EMAIL:PASSWORD:CUSTOMER_ID".to_owned()),
    }
}

/// Runs the emulator until it is interrupted.
///
/// # Errors
///
/// When it cannot listen, or cannot print its URL.
pub async fn run(arguments: Arguments) -> io::Result<()> {
    let mut settings = Settings::default()
        .address(arguments.listen)
        .shape(match arguments.shape {
            Year::Y2021 => Shape::Y2021,
            Year::Y2022 => Shape::Y2022,
        })
        .login_lifetime(arguments.login_lifetime)
        .refresh_lifetime(arguments.refresh_lifetime)
        .refresh_token_lifetime(arguments.refresh_token_lifetime)
        .rotation(arguments.rotation)
        .reuse_detection(arguments.reuse_detection)
        .documented(arguments.documented);
    for user in arguments.users {
        settings = settings.user(user);
    }
    if let Some(tenant) = arguments.tenant {
        settings = settings.tenant(tenant);
    }
    // Before the URL is printed: who reads it may already send a signal.
    let interrupted = interrupted()?;
    let emulator = settings.start()?;
    say(&emulator.url())?;
    tokio::select! {
        done = obey(&emulator), if arguments.commands => done,
        () = interrupted => Ok(()),
    }
}

/// Follows the commands on standard input; when that ends, goes on without.
async fn obey(emulator: &Emulator) -> io::Result<()> {
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        let command = line.trim().split_once(' ');
        match command.map(|(word, by)| (word, humantime::parse_duration(by))) {
            Some(("advance", Ok(by))) => {
                emulator.advance(by);
                say(&format!("advanced by {}", humantime::format_duration(by)))?;
            }
            _ => eprintln!("unknown command; try: advance 8d"),
        }
    }
    std::future::pending().await
}

/// The lines of standard input, read on a thread that the process does not wait for when it ends.
fn lines() -> UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn say(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

#[cfg(unix)]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
