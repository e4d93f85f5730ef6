//! Where a session is stored.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prancer_auth::Credentials;
use prancer_auth::store::{FileStore, MemoryStore, RedisStore, SessionStore, StoreError};
use tokio::time::timeout;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::keyring::Keyring;
use crate::output;
use crate::profiles::create_private;
use crate::settings::Settings;
use crate::source::{Setting, Source};

pub(crate) type Store = Arc<dyn SessionStore>;

/// How long the lock is waited for that another process may hold.
const MOMENT: Duration = Duration::from_secs(4);
/// How long the keyring is waited for.
const WAIT: Duration = Duration::from_secs(2);
/// How long a keyring that did not answer is not asked again, where there is a session in a file.
const SILENCE: Duration = Duration::from_secs(10 * 60);
/// The same where the session may be in the keyring, which its user may have unlocked by now.
const SHORT_SILENCE: Duration = Duration::from_secs(60);

/// What the keyring says about a profile.
enum Answer {
    Session,
    /// What a logout leaves: the portal and the user.
    LoggedOut,
    Nothing,
    Fails(StoreError),
    Silent,
    /// It did not answer a command before, and was not asked.
    SilentBefore,
}

/// The store that is meant, and what says so. Where nothing does: the one that has the session, of file and keyring.
pub(crate) async fn find(settings: &Settings) -> Result<(Store, Source), Failure> {
    if let Some(setting) = &settings.store {
        return Ok((named(settings, setting)?, setting.source));
    }
    let store = of_both(settings).await?;
    Ok((store, Source::Default))
}

/// A session in one of them does not hide that there is one in the other.
async fn of_both(settings: &Settings) -> Result<Store, Failure> {
    let (file, keyring) = (file(settings), Keyring::new(settings));
    let known = keyring.is_known();
    let in_file = has_session(&file).await;
    if !may_have_keyring() {
        // With credentials, no session is needed.
        return if known && !in_file && settings.credentials().is_none() {
            Err(elsewhere())
        } else {
            Ok(Arc::new(file))
        };
    }
    if !known && in_file {
        return Ok(Arc::new(file));
    }
    let place = file.path().display().to_string();
    let warn = |what: &str| {
        settings.say(&format!("warning: {what}; using the session in {place}"));
    };
    let answer = ask(settings, &keyring, in_file).await;
    match answer {
        Answer::Session if !in_file => return Ok(Arc::new(keyring)),
        Answer::LoggedOut if !file.path().exists() => return Ok(Arc::new(keyring)),
        Answer::Session => {
            let end = settings.command("logout --store keyring");
            settings.say(&format!(
                "warning: the keyring also holds a session; using the one in {place} (end the other: {end})"
            ));
        }
        Answer::Fails(error) if in_file => {
            note_silence(settings);
            warn(&Failure::from(error).message());
        }
        // Without a keyring there is no session in it, unless there was one.
        Answer::Fails(error) if known || !is_unavailable(&error) => {
            return Ok(Arc::new(keyring));
        }
        Answer::Silent if in_file => warn("the keyring does not answer"),
        // With credentials, no session is needed.
        Answer::Silent | Answer::SilentBefore
            if !in_file && (known || settings.credentials().is_none()) =>
        {
            return Err(silent());
        }
        _ => {}
    }
    Ok(Arc::new(file))
}

/// Asks the keyring for a session, unless it has just not answered.
async fn ask(settings: &Settings, keyring: &Keyring, in_file: bool) -> Answer {
    let silence = [SHORT_SILENCE, SILENCE][usize::from(in_file)];
    if is_recent(&silence_file(settings), silence) {
        return Answer::SilentBefore;
    }
    match timeout(WAIT, keyring.load()).await {
        Ok(Ok(Some(it))) if it.tokens.is_some() => Answer::Session,
        Ok(Ok(Some(_))) => Answer::LoggedOut,
        Ok(Ok(None)) => Answer::Nothing,
        Ok(Err(error)) => Answer::Fails(error),
        Err(_) => {
            note_silence(settings);
            Answer::Silent
        }
    }
}

fn silent() -> Failure {
    let problem = "the keyring does not answer, so it is not known whether it holds a session";
    Failure::plain(Exit::Failed, problem)
        .next("unlock the keyring and add --store keyring, or add --store file")
}

/// The session was saved where there is a keyring, which is not here: over a connection to another machine, for example.
fn elsewhere() -> Failure {
    let problem = "the session is in a keyring, and there is none here";
    Failure::plain(Exit::Login, problem).next_command("login --store file")
}

fn silence_file(settings: &Settings) -> PathBuf {
    settings.state.join("keyring.silent")
}

/// Only saves time, so that its failure is none.
fn note_silence(settings: &Settings) {
    let _ = create_private(&settings.state);
    let _ = fs::write(silence_file(settings), "");
}

fn is_unavailable(error: &StoreError) -> bool {
    matches!(error, StoreError::Unavailable { .. })
}

/// Whether there could be a keyring: on Linux, whether there is a bus.
fn may_have_keyring() -> bool {
    #[cfg(all(unix, not(target_os = "macos")))]
    {
        let set = |name| std::env::var_os(name).filter(|it| !it.is_empty());
        let user = rustix::process::getuid().as_raw();
        let folder = set("XDG_RUNTIME_DIR")
            .map_or_else(|| format!("/run/user/{user}").into(), PathBuf::from);
        set("DBUS_SESSION_BUS_ADDRESS").is_some() || folder.join("bus").exists()
    }
    #[cfg(not(all(unix, not(target_os = "macos"))))]
    true
}

/// Whether there is a session; one that cannot be read is one.
async fn has_session(file: &FileStore) -> bool {
    let stored = file.load().await;
    stored.map_or(true, |stored| stored.is_some_and(|it| it.tokens.is_some()))
}

fn is_recent(file: &PathBuf, time: Duration) -> bool {
    let written = fs::metadata(file).and_then(|it| it.modified());
    let age = |written| SystemTime::now().duration_since(written);
    written.is_ok_and(|written| age(written).unwrap_or_default() < time)
}

/// Every store that may have the session.
pub(crate) async fn all(settings: &Settings) -> Result<Vec<Store>, Failure> {
    match &settings.store {
        Some(setting) => Ok(vec![named(settings, setting)?]),
        None => of_machine(settings).await,
    }
}

/// The stores of this machine that may have the session: file and keyring. Where there is no keyring, the file does without it.
pub(crate) async fn of_machine(settings: &Settings) -> Result<Vec<Store>, Failure> {
    let mut stores: Vec<Store> = Vec::new();
    let (file, keyring) = (file(settings), Keyring::new(settings));
    let in_file = has_session(&file).await;
    if file.path().symlink_metadata().is_ok() {
        stores.push(Arc::new(file));
    }
    let in_file = in_file || is_named(settings, |it| it == "file");
    if keyring.is_known() {
        if stores.is_empty() || may_have_keyring() {
            stores.push(Arc::new(keyring));
        } else {
            output::say(
                "warning: there is no keyring here; a session that the keyring may hold is left",
            );
        }
    } else if !in_file && may_have_keyring() {
        match timeout(WAIT, keyring.load()).await {
            Ok(Err(error)) if is_unavailable(&error) => {}
            Ok(_) => stores.push(Arc::new(keyring)),
            Err(_) => return Err(silent()),
        }
    }
    Ok(stores)
}

/// The store for a login: where nothing is said and there was no session, the keyring where there is one, else a file.
pub(crate) async fn for_login(settings: &Settings) -> Result<Store, Failure> {
    let (file, keyring) = (file(settings), Keyring::new(settings));
    let known = keyring.is_known() && may_have_keyring();
    if settings.store.is_some() || known {
        return Ok(find(settings).await?.0);
    }
    if file.path().symlink_metadata().is_ok() || keyring.probe().await.is_err() {
        return Ok(Arc::new(file));
    }
    Ok(Arc::new(keyring))
}

/// Tries whether the store can be written, before tokens are asked for that would be lost.
pub(crate) async fn try_writing(store: &Store) -> Result<(), StoreError> {
    // Where another process has the lock for longer, the login itself tries.
    if let Ok(lock) = timeout(MOMENT, store.lock()).await {
        lock?.release().await;
    }
    Ok(())
}

fn file(settings: &Settings) -> FileStore {
    FileStore::new(settings.session_file(&settings.profile.value))
}

fn named(settings: &Settings, setting: &Setting) -> Result<Store, Failure> {
    Ok(match setting.value.as_str() {
        "file" => Arc::new(file(settings)),
        "keyring" => Arc::new(Keyring::new(settings)),
        "memory" => Arc::new(MemoryStore::default()),
        url if is_redis(url) => Arc::new(redis(settings, url)?),
        other => {
            // What follows may be a password.
            let start = other.split([':', '/', '@']).next().unwrap_or_default();
            let rest = if start.len() < other.len() { "..." } else { "" };
            let start = if other[start.len()..].starts_with('@') {
                ""
            } else {
                start
            };
            let problem = format!(
                "unknown store `{start}{rest}` ({}); use file, keyring, memory or redis://...",
                setting.source
            );
            return Err(Failure::plain(Exit::Usage, problem));
        }
    })
}

/// Whether the session is in Redis, which finds it by whose it is.
pub(crate) fn is_in_redis(settings: &Settings) -> bool {
    is_named(settings, is_redis)
}

/// Whether something names a store like this.
pub(crate) fn is_named(settings: &Settings, like: impl Fn(&str) -> bool) -> bool {
    settings.store.as_ref().is_some_and(|it| like(&it.value))
}

fn is_redis(url: &str) -> bool {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
    let start = scheme.split('+').next().unwrap_or_default();
    ["redis", "rediss", "valkey", "valkeys", "unix"].contains(&start)
}

/// A session in Redis is named by its portal, customer and user, so something must say them.
fn redis(settings: &Settings, url: &str) -> Result<RedisStore, Failure> {
    let (portal, _) = settings.portal_of(None)?;
    let missing = |what: &str, variable: &str| {
        let problem = format!(
            "a session in Redis belongs to a {what}; name it with {variable} or in the profile"
        );
        Failure::plain(Exit::Usage, problem).next(format!("export {variable}=..."))
    };
    let email = settings.email.as_ref();
    let email = email.ok_or_else(|| missing("user", "PRANCER_EMAIL"))?;
    let customer = settings.customer();
    let customer = customer.ok_or_else(|| missing("customer", "PRANCER_CUSTOMER_ID"))?;
    let credentials = Credentials::new(&email.value, "", customer);
    Ok(RedisStore::open(url, &credentials.identity(&portal))?)
}
