//! A session in the keyring of the desktop.

mod calls;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use keyring::Entry;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::lock::StoreLock;
use super::os_lock::{create_private, locked};
use super::session_store::{SessionStore, StoreFuture};
use super::stored::StoredSession;
use calls::KeyringCalls;

/// Shares a session through the desktop's keyring: the Secret Service on Linux, the Keychain, the Credential Manager.
///
/// Calls of the keyring run in threads of their own and are given up after 3 seconds, because on a machine without a
/// desktop some keyrings never answer. Keyrings have no locks, so the lock is one of the operating system, on an empty
/// file. Windows stores 2,560 bytes at most; if two long tokens take more, the save fails with an error.
///
/// ```no_run
/// use prancer_auth::store::{FileStore, KeyringStore};
/// use prancer_auth::{Credentials, Portal, Session};
///
/// # async fn run(state: std::path::PathBuf) -> Result<(), Box<dyn std::error::Error>> {
/// let portal = Portal::from_env()?;
/// let credentials = Credentials::from_env()?;
/// let account = credentials.identity(&portal).to_string();
/// let keyring = KeyringStore::new("inventory", account, &state);
/// let builder = Session::builder(portal).credentials(credentials);
/// // Asked once, so that a machine without a keyring falls back at once.
/// let session = match keyring.probe().await {
///     Ok(()) => builder.store(keyring).build()?,
///     Err(_) => builder.store(FileStore::new(state.join("session.json"))).build()?,
/// };
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct KeyringStore {
    service: String,
    account: String,
    locks: PathBuf,
    calls: Arc<KeyringCalls>,
}

impl KeyringStore {
    /// A store under these two names in the keyring. Its lock files are in the folder `locks`. This does not touch the
    /// keyring or the folder.
    ///
    /// You may choose both names. An entry holds one session, so the account should differ for each customer and user,
    /// as a printed [`Identity`](crate::Identity) does.
    pub fn new(
        service: impl Into<String>,
        account: impl Into<String>,
        locks: impl Into<PathBuf>,
    ) -> Self {
        Self {
            service: service.into(),
            account: account.into(),
            locks: locks.into(),
            calls: Arc::default(),
        }
    }

    /// Checks that there is a keyring that answers and can be written: stores something small, and removes it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when there is none, it is locked, or it does not answer within 3 seconds.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.call("store anything in the keyring", |store| {
            let entry = Entry::new(&store.service, &format!("{} (probe)", store.account))?;
            entry.set_secret(b"probe")?;
            // Another process may have removed its own.
            delete(&entry)
        })
        .await
    }

    /// What a call of the keyring brings, with this action in its error.
    async fn call<T: Send + 'static>(
        &self,
        action: &'static str,
        call: impl FnOnce(&Self) -> Result<T, keyring::Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let store = self.clone();
        let call = move || call(&store).map_err(|error| unavailable(action, error));
        self.calls.call(action, call).await
    }

    fn entry(&self) -> Result<Entry, keyring::Error> {
        Entry::new(&self.service, &self.account)
    }

    /// Waits for a lock of this account, on a file of its own.
    async fn locked(&self, suffix: &str) -> Result<File, StoreError> {
        let failed = |error| StoreError::unavailable("lock the keyring", error);
        create_private(&self.locks).map_err(failed)?;
        let other = |c: char| !c.is_ascii_alphanumeric();
        let name = format!("{}.{suffix}", self.account.replace(other, "_"));
        locked(&self.locks.join(name)).await.map_err(failed)
    }
}

impl SessionStore for KeyringStore {
    fn location(&self) -> String {
        format!("the keyring, as {} of {}", self.account, self.service)
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            let secret = self.call("load the session from the keyring", |store| {
                match store.entry()?.get_secret() {
                    Ok(secret) => Ok(Some(Zeroizing::new(secret))),
                    Err(keyring::Error::NoEntry) => Ok(None),
                    Err(error) => Err(error),
                }
            });
            let session = secret.await?.map(|it| StoredSession::from_json(&it));
            let session = session.transpose();
            session.map_err(|source| StoreError::invalid(self.location(), source))
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let saving = self.locked("saving").await?;
            if self.load().await?.map_or(0, |it| it.generation) != expected {
                return Err(StoreError::Conflict);
            }
            let json = session.to_json();
            self.call("save the session in the keyring", move |store| {
                // No other process saves before this has ended, even if its caller gives up.
                let _saving = saving;
                store.entry()?.set_secret(&json)
            })
            .await
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.call("remove the session from the keyring", |store| {
            delete(&store.entry()?)
        }))
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let lock = self.locked("lock").await?;
            // Tokens that it cannot hold are better not asked for.
            self.probe().await?;
            Ok(StoreLock::new(lock))
        })
    }
}

/// Deletes an entry, which may be deleted already.
fn delete(entry: &Entry) -> Result<(), keyring::Error> {
    match entry.delete_credential() {
        Err(keyring::Error::NoEntry) => Ok(()),
        deleted => deleted,
    }
}

fn unavailable(action: &str, error: keyring::Error) -> StoreError {
    // `BadEncoding` contains the secret bytes.
    let said = match error {
        keyring::Error::BadEncoding(_) => "the entry is no text".to_owned(),
        other => other.to_string(),
    };
    StoreError::unavailable(action, said)
}
