//! The test of stores finds every rule that a store breaks.

use std::mem::forget;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use prancer_auth::store::{
    MemoryStore, SessionStore, StoreError, StoreFuture, StoreLock, StoredSession, conformance,
};
use tokio::sync::Mutex as AsyncMutex;
use tokio::task::yield_now;

use crate::stores::session;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Breaks {
    /// There is a session where there is none.
    Emptiness,
    /// It stays when it is removed.
    Removal,
    /// A customer who is unknown becomes known.
    Unknown,
    /// A save replaces any generation.
    Conflict,
    /// It says that it does not, and does.
    Unchanged,
    /// Another save may come between the comparison and the replacement.
    Winner,
    /// A save takes two steps.
    Whole,
    Exclusion,
    /// Who reads while it is locked finds nothing.
    Readers,
    /// A lock is free when it is released, and not when it is dropped.
    Dropped,
    /// The other way round.
    Released,
    /// Who gives up waiting gets the lock later, and keeps it.
    Quitter,
    /// The lock is one for a while only.
    Crowd,
}

/// Locks that the test takes before it takes them in a crowd.
const ONE_BY_ONE: usize = 11;

#[derive(Clone)]
struct Broken {
    breaks: Breaks,
    inner: MemoryStore,
    lock: Arc<AsyncMutex<()>>,
    locks: Arc<AtomicUsize>,
}

impl SessionStore for Broken {
    fn location(&self) -> String {
        format!("a store that breaks {:?}", self.breaks)
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            let loaded = self.inner.load().await?;
            Ok(match self.breaks {
                Breaks::Emptiness => loaded.or(Some(session())),
                Breaks::Readers if self.lock.try_lock().is_err() => None,
                _ => loaded,
            })
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let before = self.inner.load().await?;
            let found = before.as_ref().map_or(0, |it| it.generation);
            let mut session = session.clone();
            match self.breaks {
                Breaks::Unknown => {
                    let customer_id = &mut session.identity.customer_id;
                    *customer_id = customer_id.take().or(Some("customer".to_owned()));
                }
                Breaks::Conflict => return self.inner.save(&session, found).await,
                Breaks::Unchanged if found != expected => {
                    self.inner.save(&session, found).await?;
                    return Err(StoreError::Conflict);
                }
                Breaks::Winner if found == expected => {
                    yield_now().await;
                    let found = self.inner.load().await?.map_or(0, |it| it.generation);
                    return self.inner.save(&session, found).await;
                }
                Breaks::Whole => {
                    let mut first = session.clone();
                    first.tokens = before.and_then(|it| it.tokens).or(first.tokens);
                    self.inner.save(&first, expected).await?;
                    yield_now().await;
                    return self.inner.save(&session, first.generation).await;
                }
                _ => {}
            }
            self.inner.save(&session, expected).await
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        match self.breaks {
            Breaks::Removal => Box::pin(async { Ok(()) }),
            _ => self.inner.remove(),
        }
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let lock = Arc::clone(&self.lock);
            let is_late = self.locks.load(Ordering::SeqCst) >= ONE_BY_ONE;
            match self.breaks {
                Breaks::Exclusion => return Ok(StoreLock::new(())),
                Breaks::Crowd if is_late => return Ok(StoreLock::new(())),
                Breaks::Quitter => {
                    let (sender, receiver) = tokio::sync::oneshot::channel();
                    tokio::spawn(async move {
                        let _ = sender.send(lock.lock_owned().await).map_err(forget);
                    });
                    return Ok(StoreLock::new(receiver.await.unwrap()));
                }
                _ => {}
            }
            let guard = Arc::new(Mutex::new(Some(lock.lock_owned().await)));
            self.locks.fetch_add(1, Ordering::SeqCst);
            let released = Arc::clone(&guard);
            Ok(match self.breaks {
                Breaks::Dropped => {
                    forget(Arc::clone(&guard));
                    StoreLock::with_release((), async move {
                        released.lock().unwrap().take();
                    })
                }
                Breaks::Released => StoreLock::with_release(guard, async move {
                    forget(released.lock().unwrap().take());
                }),
                _ => StoreLock::new(guard),
            })
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_breaks_a_rule_is_told_the_first_that_shows_it() {
    for (breaks, rule) in [
        (Breaks::Emptiness, "an empty store holds no session"),
        (Breaks::Removal, "an empty store holds no session"),
        (Breaks::Unknown, "an unknown customer or user stays unknown"),
        (
            Breaks::Conflict,
            "a save that expects another generation is a conflict",
        ),
        (Breaks::Unchanged, "a conflict changes nothing"),
        (
            Breaks::Winner,
            "of many who replace one generation, one does",
        ),
        (
            Breaks::Whole,
            "a reader sees the old or the new session, whole",
        ),
        (Breaks::Exclusion, "a lock that is held is waited for"),
        (Breaks::Readers, "a lock does not stop readers"),
        (Breaks::Dropped, "a lock that is dropped is free"),
        (Breaks::Quitter, "a lock that is dropped is free"),
        (Breaks::Released, "a lock that was released is free"),
        (Breaks::Crowd, "one holds the lock at a time"),
    ] {
        let store = Broken {
            breaks,
            inner: MemoryStore::default(),
            lock: Arc::default(),
            locks: Arc::default(),
        };
        let told = conformance::check(async || store.clone())
            .await
            .unwrap_err();
        assert!(told.ends_with(rule), "{breaks:?}: {told}");
    }
}
