//! What every store does.

use std::pin::Pin;
use std::sync::Arc;

use super::error::StoreError;
use super::lock::StoreLock;
use super::stored::StoredSession;

/// The result of a call of a [`SessionStore`], to be awaited.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Holds one session for everything that shares it: other processes, other machines.
///
/// [`SessionBuilder::store`](crate::SessionBuilder::store) takes one. To renew, a session takes the lock, loads again, and adopts what
/// another one has saved, or asks the portal and saves. The `conformance` module (a feature) checks an implementation of your own:
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
    /// Where the session is, for people; without a secret.
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
    /// A future that is dropped has saved all of the session or nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the store holds another generation, which is not replaced. A session that cannot be read is not
    /// overwritten.
    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()>;

    /// Removes the session, also one that cannot be read. Without a session it does nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] when the store cannot be reached.
    fn remove(&self) -> StoreFuture<'_, ()>;

    /// Waits for the right to renew the session, which one holder has at a time. It ends when the lock is released or dropped, or its
    /// holder dies.
    ///
    /// A future that is dropped leaves no lock behind. The lock saves exchanges with the portal; what protects the session is the
    /// comparison in [`Self::save`]. A store that can run out of room tries that here, before tokens are asked for.
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
