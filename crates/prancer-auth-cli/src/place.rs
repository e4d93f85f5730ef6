//! Where a session is kept.

use std::sync::Arc;

use prancer_auth::store::{FileStore, KeyringStore, MemoryStore, RedisStore, SessionStore};
use prancer_auth::{Credentials, Portal};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::settings::Settings;
use crate::source::{Setting, Source};

pub(crate) type Store = Arc<dyn SessionStore>;

/// The store that is meant, and what says so. Where nothing does: the file where it is there, else the keyring where there is one.
pub(crate) async fn find(settings: &Settings) -> Result<(Store, Source), Failure> {
    if let Some(setting) = &settings.store {
        return Ok((named(settings, setting)?, setting.source));
    }
    let file = FileStore::new(settings.session_file());
    if file.path().exists() {
        return Ok((Arc::new(file), Source::Default));
    }
    let keyring = keyring(settings);
    match keyring.load().await {
        Ok(Some(_)) => Ok((Arc::new(keyring), Source::Default)),
        _ => Ok((Arc::new(file), Source::Default)),
    }
}

/// The store for a login: where nothing is said, the keyring where there is one, else a file.
pub(crate) async fn for_login(settings: &Settings) -> Result<Store, Failure> {
    if let Some(setting) = &settings.store {
        return named(settings, setting);
    }
    let file = FileStore::new(settings.session_file());
    let keyring = keyring(settings);
    match keyring.probe().await {
        // A session in a file would be found first.
        Ok(()) if !file.path().exists() => Ok(Arc::new(keyring)),
        _ => Ok(Arc::new(file)),
    }
}

fn named(settings: &Settings, setting: &Setting) -> Result<Store, Failure> {
    Ok(match setting.value.as_str() {
        "file" => Arc::new(FileStore::new(settings.session_file())),
        "keyring" => Arc::new(keyring(settings)),
        "memory" => Arc::new(MemoryStore::default()),
        url if url.contains("://") => Arc::new(redis(settings, url)?),
        other => {
            let problem = format!(
                "there is no store `{other}` ({}); there are file, keyring, memory and redis://...",
                setting.source
            );
            return Err(Failure::plain(Exit::Usage, problem));
        }
    })
}

fn keyring(settings: &Settings) -> KeyringStore {
    KeyringStore::new("prancer-auth", &settings.profile.value, &settings.state)
}

/// Removes what the keyring keeps of a profile, where there is a keyring.
pub(crate) async fn forget(settings: &Settings, profile: &str) {
    let keyring = KeyringStore::new("prancer-auth", profile, &settings.state);
    let _ = keyring.remove().await;
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
    let credentials = match (&settings.customer_id, &settings.company) {
        (Some(customer_id), _) => Credentials::new(&email.value, "", &customer_id.value),
        (None, Some(company)) => Credentials::for_company(&email.value, "", &company.value),
        (None, None) => return Err(missing("customer", "PRANCER_CUSTOMER_ID")),
    };
    Ok(RedisStore::open(url, &credentials.identity(&portal))?)
}
