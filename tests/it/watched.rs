//! A store that is watched: who may ask the portal, and how many at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prancer_auth::store::{SessionStore, StoreFuture, StoreLock, StoredSession};

/// A store that counts who holds its lock.
pub(crate) struct Watched {
    store: Box<dyn SessionStore>,
    holders: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl Watched {
    pub(crate) fn new(store: impl SessionStore) -> Arc<Self> {
        Arc::new(Self {
            store: Box::new(store),
            holders: Arc::default(),
            most: Arc::default(),
        })
    }

    /// How many hold the lock now.
    pub(crate) fn holders(&self) -> usize {
        self.holders.load(Ordering::SeqCst)
    }

    /// How many have held it at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

struct Holder(Arc<AtomicUsize>, Option<StoreLock>);

impl Drop for Holder {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
        drop(self.1.take());
    }
}

impl SessionStore for Watched {
    fn location(&self) -> String {
        self.store.location()
    }
    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        self.store.load()
    }
    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        self.store.save(session, expected)
    }
    fn remove(&self) -> StoreFuture<'_, ()> {
        self.store.remove()
    }
    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let lock = self.store.lock().await?;
            let holders = self.holders.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(holders, Ordering::SeqCst);
            Ok(StoreLock::new(Holder(
                Arc::clone(&self.holders),
                Some(lock),
            )))
        })
    }
}
