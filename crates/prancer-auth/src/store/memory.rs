//! A session in memory, for several [`Session`](crate::Session)s of one process.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::error::StoreError;
use super::lock::StoreLock;
use super::polling::until_some;
use super::session_store::{SessionStore, StoreFuture};
use super::stored::StoredSession;

/// Shares a session within one process: sessions that use clones of this store share one login. It ends with the
/// process.
///
/// Waiting for the lock needs a tokio runtime with a timer.
///
/// ```
/// use prancer_auth::store::MemoryStore;
/// use prancer_auth::{Portal, Session};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = MemoryStore::default();
/// let portal = Portal::new(Portal::PUBLIC)?;
/// let one = Session::builder(portal.clone()).store(store.clone()).build()?;
/// let other = Session::builder(portal).store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    stored: Arc<Mutex<Option<StoredSession>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl MemoryStore {
    fn stored(&self) -> MutexGuard<'_, Option<StoredSession>> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemoryStore {
    fn location(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async { Ok(self.stored().clone()) })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut stored = self.stored();
            if stored.as_ref().map_or(0, |it| it.generation) != expected {
                return Err(StoreError::Conflict);
            }
            *stored = Some(session.clone());
            Ok(())
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            *self.stored() = None;
            Ok(())
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        let attempt = || Ok(Arc::clone(&self.lock).try_lock_owned().ok());
        Box::pin(async move { Ok(StoreLock::new(until_some(attempt).await?)) })
    }
}
