//! A session in this process, for all sessions that share it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use super::{SessionStore, StoreError, StoreFuture, StoreLock, StoredSession};

/// Keeps a session in memory. Clones share it, so that several [`Session`](crate::Session)s of one process are one session; it ends
/// with the process.
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
    kept: Arc<Mutex<Option<StoredSession>>>,
    lock: Arc<AsyncMutex<()>>,
}

impl MemoryStore {
    fn kept(&self) -> MutexGuard<'_, Option<StoredSession>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SessionStore for MemoryStore {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async { Ok(self.kept().clone()) })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut kept = self.kept();
            if kept.as_ref().map_or(0, |kept| kept.generation) != expected {
                return Err(StoreError::Conflict);
            }
            *kept = Some(session.clone());
            Ok(())
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            *self.kept() = None;
            Ok(())
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async { Ok(StoreLock::new(Arc::clone(&self.lock).lock_owned().await)) })
    }
}
