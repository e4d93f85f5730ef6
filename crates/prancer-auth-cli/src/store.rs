//! Where a session is stored.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prancer_auth::store::{
    FileStore, KeyringStore, MemoryStore, RedisStore, SessionStore, StoreError,
};
use prancer_auth::{Credentials, Portal};
use tokio::time::timeout;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::source::{Setting, Source};

/// How long the lock is waited for that another process may hold.
const MOMENT: Duration = Duration::from_secs(4);

pub(crate) type Store = Arc<dyn SessionStore>;

/// How long a keyring that did not answer is not asked again, where there is a session in a file.
const SILENCE: Duration = Duration::from_secs(10 * 60);

/// The store that is meant, and what says so. Where nothing does: the one that has the session, of file and keyring.
pub(crate) async fn find(settings: &Settings) -> Result<(Store, Source), Failure> {
    if let Some(setting) = &settings.store {
        return Ok((named(settings, setting)?, setting.source));
    }
    let (file, keyring) = (file(settings), keyring(settings));
    let in_keyring = settings.in_keyring(&settings.profile.value).exists();
    let store: Store = match (file.path().exists(), in_keyring) {
        (_, false) => Arc::new(file),
        (false, true) => Arc::new(keyring),
        (true, true) => of_both(settings, file, keyring).await,
    };
    Ok((store, Source::Default))
}

/// A session in one of them does not hide that there is one in the other.
async fn of_both(settings: &Settings, file: FileStore, keyring: KeyringStore) -> Store {
    let in_file = !matches!(file.load().await, Ok(None)) && !is_ended(&file).await;
    let silent = settings.state.join("keyring.silent");
    if in_file && is_recent(&silent) {
        return Arc::new(file);
    }
    let place = file.path().display().to_string();
    match keyring.load().await {
        Ok(Some(stored)) if stored.tokens.is_some() && in_file => {
            settings.say(&format!(
                "warning: the keyring holds a session, too; the one in {place} is used (end the other: prancer-auth logout --store keyring)"
            ));
            Arc::new(file)
        }
        Ok(Some(stored)) if stored.tokens.is_some() => Arc::new(keyring),
        Err(error) if in_file => {
            let _ = fs::write(&silent, "");
            settings.say(&format!(
                "warning: {}; the session in {place} is used",
                Failure::from(error).message()
            ));
            Arc::new(file)
        }
        // There may be a session, so its failure is the command's.
        Err(_) => Arc::new(keyring),
        Ok(_) => Arc::new(file),
    }
}

async fn is_ended(file: &FileStore) -> bool {
    matches!(file.load().await, Ok(Some(stored)) if stored.tokens.is_none())
}

fn is_recent(file: &PathBuf) -> bool {
    let written = fs::metadata(file).and_then(|it| it.modified());
    let age = |written| {
        SystemTime::now()
            .duration_since(written)
            .unwrap_or_default()
    };
    written.is_ok_and(|written| age(written) < SILENCE)
}

/// Every store that may have the session.
pub(crate) fn all(settings: &Settings) -> Result<Vec<Store>, Failure> {
    if let Some(setting) = &settings.store {
        return Ok(vec![named(settings, setting)?]);
    }
    let mut stores: Vec<Store> = Vec::new();
    let file = file(settings);
    if file.path().symlink_metadata().is_ok() {
        stores.push(Arc::new(file));
    }
    if settings.in_keyring(&settings.profile.value).exists() {
        stores.push(Arc::new(keyring(settings)));
    }
    Ok(stores)
}

/// The store for a login: where nothing is said and there was no session, the keyring where there is one, else a file.
pub(crate) async fn for_login(settings: &Settings) -> Result<Store, Failure> {
    if settings.store.is_some() || !all(settings)?.is_empty() {
        return Ok(find(settings).await?.0);
    }
    let keyring = keyring(settings);
    match keyring.probe().await {
        Ok(()) => Ok(Arc::new(keyring)),
        Err(_) => Ok(Arc::new(file(settings))),
    }
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

fn keyring(settings: &Settings) -> KeyringStore {
    KeyringStore::new("prancer-auth", &settings.profile.value, &settings.state)
}

fn named(settings: &Settings, setting: &Setting) -> Result<Store, Failure> {
    Ok(match setting.value.as_str() {
        "file" => Arc::new(file(settings)),
        "keyring" => Arc::new(keyring(settings)),
        "memory" => Arc::new(MemoryStore::default()),
        url if url.contains("://") => Arc::new(redis(settings, url)?),
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
                "no store `{start}{rest}` ({}); there are file, keyring, memory and redis://...",
                setting.source
            );
            return Err(Failure::plain(Exit::Usage, problem));
        }
    })
}

/// Removes what the keyring holds of a profile, where there is a keyring.
pub(crate) async fn forget(settings: &Settings, profile: &str) {
    if settings.in_keyring(profile).exists() {
        let keyring = KeyringStore::new("prancer-auth", profile, &settings.state);
        if keyring.remove().await.is_ok() {
            let _ = fs::remove_file(settings.in_keyring(profile));
        }
    }
}

/// A session in Redis is named by its portal, customer and user, so something must say them.
fn redis(settings: &Settings, url: &str) -> Result<RedisStore, Failure> {
    let portal = match settings.portal()? {
        Some(portal) => portal,
        None => Portal::new(Portal::PUBLIC)?,
    };
    let missing = |what: &str, variable: &str| {
        let problem = format!(
            "a session in Redis belongs to a {what}; name it with {variable} or in the profile"
        );
        Failure::plain(Exit::Usage, problem)
    };
    let email = settings.email.as_ref();
    let email = email.ok_or_else(|| missing("user", "PRANCER_EMAIL"))?;
    let customer = settings.customer();
    let customer = customer.ok_or_else(|| missing("customer", "PRANCER_CUSTOMER_ID"))?;
    let credentials = Credentials::new(&email.value, "", customer);
    Ok(RedisStore::open(url, &credentials.identity(&portal))?)
}
