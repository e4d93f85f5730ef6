//! A renewal that is due but not needed yet: a process of its own makes it, and no command waits for it.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::profiles::create_private;
use crate::session::OpenSession;
use crate::settings::Settings;
use crate::source::{Setting, Source};
use crate::store;

/// Longer than such a process takes, whatever the portal does.
const LEASE: Duration = Duration::from_secs(90);
/// How long the next renewal ahead of need waits at least after one that failed.
const PAUSE: Duration = Duration::from_secs(60);

/// Begins a renewal where one is due, unless one is under way, or has failed a moment ago.
pub(crate) fn begin(settings: &Settings, open: &OpenSession) {
    let from_memory = store::is_named(settings, |it| it == "memory");
    if from_memory || !is_due(open) || is_paused(settings) || postpone(settings, LEASE).is_err() {
        return;
    }
    let Ok(program) = env::current_exe() else {
        return;
    };
    let mut command = Command::new(program);
    command.args(["refresh", "--ahead", "--quiet"]);
    // By the environment: other users of the machine read command lines, and a store's URL may hold a password.
    let profile = Some(&settings.profile);
    for (variable, setting) in [
        ("PRANCER_PROFILE", profile),
        ("PRANCER_PORTAL", settings.portal.as_ref()),
        ("PRANCER_TENANT", settings.tenant.as_ref()),
        ("PRANCER_STORE", settings.store.as_ref()),
    ] {
        if let Some(Setting { value, .. }) = setting.filter(|it| it.source == Source::Flag) {
            command.env(variable, value);
        }
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // What interrupts this command does not interrupt the renewal.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let _ = command.spawn();
}

/// Whether the renewal of a token that is still good is due.
pub(crate) fn is_due(open: &OpenSession) -> bool {
    let stored = open.stored();
    if !stored.is_ok_and(|it| it.refresh_rejected.is_none()) {
        return false;
    }
    let status = open.apart().map(|it| it.status());
    status.is_ok_and(|it| it.renews_in == Some(Duration::ZERO))
}

/// After a renewal that failed: none is begun ahead of need for a while.
pub(crate) fn failed(settings: &Settings, retry_in: Option<Duration>) {
    let _ = postpone(settings, retry_in.unwrap_or_default().max(PAUSE));
}

/// After a renewal.
pub(crate) fn done(settings: &Settings) {
    let _ = fs::remove_file(file(settings));
}

fn is_paused(settings: &Settings) -> bool {
    let until = fs::read_to_string(file(settings)).ok();
    let until = until.and_then(|it| it.trim().parse().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.unwrap_or_default().as_secs();
    // Whatever a clock that was wrong has written, it does not last.
    until.is_some_and(|until: u64| until > now && until - now <= 60 * 60)
}

fn postpone(settings: &Settings, by: Duration) -> std::io::Result<()> {
    // A session elsewhere, in Redis for example, has made no folder.
    create_private(&settings.state)?;
    let until = (SystemTime::now() + by).duration_since(UNIX_EPOCH);
    fs::write(
        file(settings),
        until.unwrap_or_default().as_secs().to_string(),
    )
}

/// Holds the second until which no renewal is begun ahead of need.
fn file(settings: &Settings) -> PathBuf {
    settings
        .session_file(&settings.profile.value)
        .with_extension("ahead")
}
