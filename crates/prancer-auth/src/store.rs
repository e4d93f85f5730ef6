//! Where a session is kept for other processes and machines.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
#[cfg(feature = "file")]
mod file;
mod format;
#[cfg(feature = "keyring")]
mod keyring;
mod lock;
mod memory;
#[cfg(any(feature = "file", feature = "keyring"))]
mod os_lock;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_lock;
#[cfg(feature = "redis")]
mod seal;
mod stored;

use std::pin::Pin;
use std::sync::Arc;

pub use error::StoreError;
#[cfg(feature = "file")]
pub use file::FileStore;
pub use format::InvalidFormat;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use lock::StoreLock;
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::RedisStore;
#[cfg(feature = "redis")]
pub use seal::{InvalidSealingKey, SealingKey};
pub(crate) use stored::milliseconds;
pub use stored::{StoredSession, StoredTokens};

/// What a call of a [`SessionStore`] comes to.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Keeps one session for everybody who shares it: other processes, other machines.
///
/// [`SessionBuilder::store`](crate::SessionBuilder::store) takes one. Whoever renews takes the lock, reads again, and adopts what somebody
/// else has written, or asks the portal and saves. The `conformance` module (a feature) checks an implementation of your own:
///
/// ```
/// use prancer_auth::store::{SessionStore, StoreError, StoreFuture, StoreLock, StoredSession};
///
/// /// Keeps nothing, and says so.
/// #[derive(Debug)]
/// struct Nowhere;
///
/// impl SessionStore for Nowhere {
///     fn place(&self) -> String {
///         "nowhere".to_owned()
///     }
///     fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
///         Box::pin(async { Ok(None) })
///     }
///     fn save<'a>(&'a self, _: &'a StoredSession, _: u64) -> StoreFuture<'a, ()> {
///         Box::pin(async { Err(StoreError::away("keep the session", "there is no room")) })
///     }
///     fn remove(&self) -> StoreFuture<'_, ()> {
///         Box::pin(async { Ok(()) })
///     }
///     fn lock(&self) -> StoreFuture<'_, StoreLock> {
///         Box::pin(async { Ok(StoreLock::new(())) })
///     }
/// }
/// ```
pub trait SessionStore: Send + Sync + 'static {
    /// Where that is, for people; without a secret.
    fn place(&self) -> String;

    /// The session that is kept, `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached, or what it keeps cannot be read.
    fn load(&self) -> StoreFuture<'_, Option<StoredSession>>;

    /// Keeps this session in place of the one of generation `expected`, 0 where none is. Who loads meanwhile gets one of both, whole.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when another generation is kept; it still is then. What cannot be read is not overwritten.
    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()>;

    /// Removes what is kept, whatever it is; nothing where there is nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn remove(&self) -> StoreFuture<'_, ()>;

    /// Waits for the right to renew the session, which one holds at a time. It ends when the lock is dropped, or its holder dies.
    ///
    /// A future that is dropped takes nothing with it. The lock keeps exchanges from being made twice; what keeps the
    /// session whole is [`Self::save`].
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn lock(&self) -> StoreFuture<'_, StoreLock>;
}

impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn place(&self) -> String {
        S::place(self)
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        S::load(self)
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        S::save(self, session, expected)
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        S::remove(self)
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        S::lock(self)
    }
}
