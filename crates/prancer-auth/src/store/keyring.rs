//! A session in the keyring of the desktop.

use std::path::PathBuf;
use std::sync::Arc;

use keyring::Entry;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::keyring_calls::KeyringCalls;
use super::lock::StoreLock;
use super::os_lock::{OsLock, create_private};
use super::session_store::{SessionStore, StoreFuture};
use super::stored::StoredSession;

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
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    service: String,
    account: String,
    locks: PathBuf,
    calls: KeyringCalls,
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
        let inner = Inner {
            service: service.into(),
            account: account.into(),
            locks: locks.into(),
            calls: KeyringCalls::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Checks that there is a keyring that answers and can be written: stores something small, and removes it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when there is none, it is locked, or it does not answer within 3 seconds.
    pub async fn probe(&self) -> Result<(), StoreError> {
        const ACTION: &str = "store anything in the keyring";
        let probe = |inner: &Inner| {
            let entry = Entry::new(&inner.service, &format!("{} (probe)", inner.account));
            let probed = entry.and_then(|entry| {
                entry.set_secret(b"probe")?;
                match entry.delete_credential() {
                    // Another process probes as well.
                    Err(keyring::Error::NoEntry) => Ok(()),
                    deleted => deleted,
                }
            });
            probed.map_err(|error| unavailable(ACTION, error))
        };
        self.call(ACTION, probe).await
    }

    async fn call<T: Send + 'static>(
        &self,
        action: &str,
        call: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        let call = self.inner.calls.call(action, move || call(&inner));
        call.await
    }
}

impl Inner {
    fn entry(&self) -> Result<Entry, keyring::Error> {
        Entry::new(&self.service, &self.account)
    }

    fn location(&self) -> String {
        format!("the keyring, as {} of {}", self.account, self.service)
    }

    fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        let secret = match self.entry().and_then(|entry| entry.get_secret()) {
            Ok(secret) => Zeroizing::new(secret),
            Err(keyring::Error::NoEntry) => return Ok(None),
            Err(error) => return Err(unavailable("load the session from the keyring", error)),
        };
        let session = StoredSession::from_json(&secret);
        session.map(Some).map_err(|source| StoreError::Invalid {
            location: self.location(),
            source,
        })
    }

    /// Replaces the session. No other process may save between the comparison and the replacement.
    fn write(
        &self,
        session: &StoredSession,
        expected: u64,
        _saving: &OsLock,
    ) -> Result<(), StoreError> {
        if self.read()?.map_or(0, |it| it.generation) != expected {
            return Err(StoreError::Conflict);
        }
        let written = self
            .entry()
            .and_then(|entry| entry.set_secret(&session.to_json()));
        written.map_err(|error| unavailable("save the session in the keyring", error))
    }

    /// Waits for a lock of this account.
    async fn locked(&self, name: &str) -> Result<OsLock, StoreError> {
        let lock = OsLock::wait(&self.beside(name)?).await;
        lock.map_err(|error| StoreError::unavailable("lock the keyring", error))
    }

    /// A lock file for this account alone.
    fn beside(&self, suffix: &str) -> Result<PathBuf, StoreError> {
        let failed = |error| StoreError::unavailable("lock the keyring", error);
        create_private(&self.locks).map_err(failed)?;
        let name: String = self
            .account
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        Ok(self.locks.join(format!("{name}.{suffix}")))
    }
}

impl SessionStore for KeyringStore {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(self.call("load the session from the keyring", Inner::read))
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let (saving, session) = (self.inner.locked("saving").await?, session.clone());
            let write = move |inner: &Inner| inner.write(&session, expected, &saving);
            self.call("save the session in the keyring", write).await
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.call("remove the session from the keyring", |inner| {
            match inner.entry().and_then(|entry| entry.delete_credential()) {
                Err(keyring::Error::NoEntry) | Ok(()) => Ok(()),
                Err(error) => Err(unavailable("remove the session from the keyring", error)),
            }
        }))
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let lock = self.inner.locked("lock").await?;
            // Tokens that it cannot hold are better not asked for.
            self.probe().await?;
            Ok(StoreLock::new(lock))
        })
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
