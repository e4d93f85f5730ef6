//! What every store does.

use std::pin::Pin;
use std::sync::Arc;

use super::error::StoreError;
use super::lock::StoreLock;
use super::stored::StoredSession;

/// The result of a call of a [`SessionStore`], to be awaited.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Holds one session for all processes and machines that share it.
///
/// [`SessionBuilder::store`](crate::SessionBuilder::store) takes a store. To renew, a process takes the lock and loads
/// the session again. If another process has saved newer tokens, it adopts them; otherwise it asks the portal and saves
/// the answer. The `conformance` module (a feature) checks a store of your own:
///
/// ```
/// use prancer_auth::store::{SessionStore, StoreError, StoreFuture, StoreLock, StoredSession};
///
/// /// Stores nothing, and says so.
/// #[derive(Debug)]
/// struct Nowhere;
///
/// impl SessionStore for Nowhere {
///     fn location(&self) -> String {
///         "nowhere".to_owned()
///     }
///     fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
///         Box::pin(async { Ok(None) })
///     }
///     fn save<'a>(&'a self, _: &'a StoredSession, _: u64) -> StoreFuture<'a, ()> {
///         Box::pin(async { Err(StoreError::unavailable("save the session", "there is no room")) })
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
    /// Where the session is stored, as a text for people. It must hold no secret.
    fn location(&self) -> String;

    /// The stored session, or `None`. Its generation is the one that [`Self::save`] expects.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached, or the session in it cannot be read.
    fn load(&self) -> StoreFuture<'_, Option<StoredSession>>;

    /// Replaces the session of generation `expected`, which is 0 where there is none. Concurrent readers see the old or the new session,
    /// never a mixture.
    ///
    /// If the future is dropped, it has saved the whole session or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the store holds another generation; nothing is replaced then. A session that
    /// cannot be read is not overwritten.
    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()>;

    /// Removes the session, also one that cannot be read. Without a session it does nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn remove(&self) -> StoreFuture<'_, ()>;

    /// Waits for the lock: the right to renew the session, which only one process has at a time. The lock ends when it
    /// is released or dropped, or when its holder dies.
    ///
    /// If the future is dropped, it leaves no lock behind. The lock only saves requests to the portal; the comparison
    /// in [`Self::save`] protects the session. A store that can run out of room checks here that there is some, before
    /// a process asks for tokens.
    ///
    /// A renewal waits 25 seconds for the lock, a logout 3 seconds; the other calls get 3 seconds. Then the session drops the future.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached, or could not hold a session.
    fn lock(&self) -> StoreFuture<'_, StoreLock>;
}

impl<S: SessionStore + ?Sized> SessionStore for Arc<S> {
    fn location(&self) -> String {
        S::location(self)
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
