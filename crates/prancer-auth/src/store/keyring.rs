//! A session in the keyring of the desktop.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use keyring::Entry;
use tokio::sync::oneshot;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::os_lock::OsLock;
use super::{SessionStore, StoreError, StoreFuture, StoreLock, StoredSession};

/// How long the keyring may take. One that asks its user to unlock it takes longer, and is away until then.
const PATIENCE: Duration = Duration::from_secs(3);

/// Keeps a session in the desktop's keyring: the Secret Service on Linux, the Keychain, the Credential Manager.
///
/// The keyring is asked in threads of their own, and given up after 3 seconds: on a machine without a desktop some never answer. Keyrings
/// have no locks, so the lock is the operating system's, on an empty file. Windows keeps 2,560 bytes at most, which two long tokens
/// exceed: a save of those is an error.
///
/// ```no_run
/// use prancer_auth::store::{FileStore, KeyringStore};
/// use prancer_auth::{Portal, Session};
///
/// # async fn run(state: std::path::PathBuf) -> Result<(), Box<dyn std::error::Error>> {
/// let portal = Portal::from_env()?;
/// let account = format!("{portal}|user@example.com");
/// let keyring = KeyringStore::new("inventory", &account, &state);
/// let builder = Session::builder(portal);
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
    /// Somebody has given up on the keyring, which is still at it.
    stuck: AtomicBool,
}

impl KeyringStore {
    /// A store under these two names in the keyring, whose locks are files in the folder `locks`. Nothing is touched yet.
    pub fn new(
        service: impl Into<String>,
        account: impl Into<String>,
        locks: impl Into<PathBuf>,
    ) -> Self {
        let inner = Inner {
            service: service.into(),
            account: account.into(),
            locks: locks.into(),
            stuck: AtomicBool::new(false),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// Whether there is a keyring that answers, and keeps what it is given: something small is kept, and removed.
    ///
    /// # Errors
    ///
    /// [`StoreError::Away`] when there is none, it is locked, or it does not answer within 3 seconds.
    pub async fn probe(&self) -> Result<(), StoreError> {
        const ACTION: &str = "keep anything in the keyring";
        let probe = |inner: &Inner| {
            let entry = Entry::new(&inner.service, &format!("{} (probe)", inner.account));
            let kept = entry.and_then(|entry| {
                entry.set_secret(b"probe")?;
                entry.delete_credential()
            });
            kept.map_err(|error| away(ACTION, error))
        };
        self.ask(ACTION, probe).await
    }

    /// Asks the keyring in a thread of its own, which may hang for ever.
    async fn ask<T: Send + 'static>(
        &self,
        action: &str,
        ask: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let late = || {
            let late = format!("the keyring did not answer within {} s", PATIENCE.as_secs());
            StoreError::away(action, late)
        };
        // Whoever asks a keyring that hangs leaves a thread behind: one is enough.
        if self.inner.stuck.load(Ordering::Acquire) {
            return Err(late());
        }
        let (sender, receiver) = oneshot::channel();
        let inner = Arc::clone(&self.inner);
        let asking = thread::Builder::new().name("prancer-auth-keyring".to_owned());
        let asking = asking.spawn(move || {
            let answer = ask(&inner);
            inner.stuck.store(false, Ordering::Release);
            let _ = sender.send(answer);
        });
        asking.map_err(|error| StoreError::away(action, error))?;
        match timeout(PATIENCE, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(StoreError::away(action, "the keyring's library failed")),
            Err(_) => {
                self.inner.stuck.store(true, Ordering::Release);
                Err(late())
            }
        }
    }
}

impl Inner {
    fn entry(&self) -> Result<Entry, keyring::Error> {
        Entry::new(&self.service, &self.account)
    }

    fn place(&self) -> String {
        format!("the keyring, as {} of {}", self.account, self.service)
    }

    fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        let secret = match self.entry().and_then(|entry| entry.get_secret()) {
            Ok(secret) => Zeroizing::new(secret),
            Err(keyring::Error::NoEntry) => return Ok(None),
            Err(error) => return Err(away("load the session from the keyring", error)),
        };
        let session = StoredSession::from_json(&secret);
        session.map(Some).map_err(|source| StoreError::Invalid {
            place: self.place(),
            source,
        })
    }

    fn write(&self, session: &StoredSession, expected: u64) -> Result<(), StoreError> {
        // Between reading and replacing, nobody else does the same.
        let saving = OsLock::block(&self.beside("saving")?);
        let _saving = saving.map_err(|error| StoreError::away("lock the keyring", error))?;
        if self.read()?.map_or(0, |kept| kept.generation) != expected {
            return Err(StoreError::Conflict);
        }
        let written = self
            .entry()
            .and_then(|entry| entry.set_secret(&session.to_json()));
        written.map_err(|error| away("keep the session in the keyring", error))
    }

    /// A lock file for this account alone.
    fn beside(&self, suffix: &str) -> Result<PathBuf, StoreError> {
        let failed = |error| StoreError::away("lock the keyring", error);
        super::os_lock::create_private(&self.locks).map_err(failed)?;
        let name: String = self
            .account
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        Ok(self.locks.join(format!("{name}.{suffix}")))
    }
}

impl SessionStore for KeyringStore {
    fn place(&self) -> String {
        self.inner.place()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(self.ask("load the session from the keyring", Inner::read))
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        let session = session.clone();
        let write = move |inner: &Inner| inner.write(&session, expected);
        Box::pin(self.ask("keep the session in the keyring", write))
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(self.ask("remove the session from the keyring", |inner| {
            match inner.entry().and_then(|entry| entry.delete_credential()) {
                Err(keyring::Error::NoEntry) | Ok(()) => Ok(()),
                Err(error) => Err(away("remove the session from the keyring", error)),
            }
        }))
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let lock = OsLock::wait(&self.inner.beside("lock")?).await;
            lock.map(StoreLock::new)
                .map_err(|error| StoreError::away("lock the keyring", error))
        })
    }
}

fn away(action: &str, error: keyring::Error) -> StoreError {
    // What is wrong with what is kept comes with it, and that is secret.
    let said = match error {
        keyring::Error::BadEncoding(_) => "what is kept is no text".to_owned(),
        other => other.to_string(),
    };
    StoreError::away(action, said)
}
