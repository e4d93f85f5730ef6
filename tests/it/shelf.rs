//! A store in memory that a story takes down, locks and watches.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use prancer_auth::store::{
    MemoryStore, SessionStore, StoreError, StoreFuture, StoreLock, StoredSession,
};

/// A store in memory. Clones are one store.
#[derive(Clone, Default)]
pub(crate) struct Shelf {
    memory: MemoryStore,
    switches: Arc<Switches>,
}

#[derive(Default)]
struct Switches {
    down: AtomicBool,
    hangs: AtomicBool,
    excludes_nobody: AtomicBool,
    loses_answers: AtomicBool,
    holders: AtomicUsize,
    meanwhile: Mutex<Option<Story>>,
}

type Story = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Shelf {
    /// One whose lock everybody gets, as after the expiry of a lock whose holder lives on.
    pub(crate) fn without_exclusion() -> Self {
        let shelf = Self::default();
        shelf.switches.excludes_nobody.store(true, Ordering::SeqCst);
        shelf
    }

    /// It answers every call with a failure, until it is told otherwise.
    pub(crate) fn set_down(&self, down: bool) {
        self.switches.down.store(down, Ordering::SeqCst);
    }

    /// Calls that begin meanwhile are never answered.
    pub(crate) fn hangs(&self, hangs: bool) {
        self.switches.hangs.store(hangs, Ordering::SeqCst);
    }

    /// It saves what it is given, and fails then.
    pub(crate) fn loses_answers(&self, loses: bool) {
        self.switches.loses_answers.store(loses, Ordering::SeqCst);
    }

    /// How many hold the lock.
    pub(crate) fn holders(&self) -> usize {
        self.switches.holders.load(Ordering::SeqCst)
    }

    /// This happens between the moment that the next load sees and its answer.
    pub(crate) fn meanwhile(&self, story: impl Future<Output = ()> + Send + 'static) {
        *self.switches.meanwhile.lock().unwrap() = Some(Box::pin(story));
    }

    fn reached<'a, T: 'a>(&'a self, call: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.switches.hangs.load(Ordering::SeqCst) {
            return Box::pin(std::future::pending());
        }
        if self.switches.down.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::unavailable("reach it", "it is down")) });
        }
        call
    }
}

impl SessionStore for Shelf {
    fn location(&self) -> String {
        "a shelf".to_owned()
    }
    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        self.reached(Box::pin(async {
            let seen = self.memory.load().await;
            let story = self.switches.meanwhile.lock().unwrap().take();
            if let Some(story) = story {
                story.await;
            }
            seen
        }))
    }
    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        self.reached(Box::pin(async move {
            self.memory.save(session, expected).await?;
            if self.switches.loses_answers.load(Ordering::SeqCst) {
                return Err(StoreError::unavailable("save", "the answer was lost"));
            }
            Ok(())
        }))
    }
    fn remove(&self) -> StoreFuture<'_, ()> {
        self.reached(self.memory.remove())
    }
    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        self.reached(Box::pin(async {
            let inner = if self.switches.excludes_nobody.load(Ordering::SeqCst) {
                None
            } else {
                Some(self.memory.lock().await?)
            };
            self.switches.holders.fetch_add(1, Ordering::SeqCst);
            let switches = Arc::clone(&self.switches);
            Ok(StoreLock::new(Held { inner, switches }))
        }))
    }
}

struct Held {
    inner: Option<StoreLock>,
    switches: Arc<Switches>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.switches.holders.fetch_sub(1, Ordering::SeqCst);
        self.inner.take();
    }
}
