//! A store that is lost, set back, down, late, or whose lock is, in virtual time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::world::{Fault, World};
use crate::store::{SessionStore, StoreError, StoreFuture, StoreLock, StoredSession};

/// When the lock of a process that crashed is free.
const EXPIRY: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(40);

/// What all processes share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) world: World,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    session: Option<StoredSession>,
    before: Vec<Option<StoredSession>>,
    holder: Option<Holder>,
    locks: u64,
}

struct Holder {
    lock: u64,
    alive: Arc<AtomicBool>,
    since: Instant,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        Self {
            world,
            inner: Arc::default(),
        }
    }

    fn get(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn session(&self) -> Option<StoredSession> {
        self.get().session.clone()
    }

    /// Loses what it holds, or holds again what it held before.
    pub(super) fn reset(&self) {
        self.world.fault(Fault::StoreReset);
        let to = self.world.chance(0.5);
        let index = self.world.below(1 << 32) as usize;
        let mut inner = self.get();
        inner.session = match inner.before.len() {
            0 => None,
            length if to => inner.before[index % length].clone(),
            _ => None,
        };
    }

    fn try_lock(&self, alive: &Arc<AtomicBool>) -> Option<Held> {
        let mut inner = self.get();
        let free = inner
            .holder
            .as_ref()
            .is_none_or(|it| !it.alive.load(Ordering::Acquire) && it.since.elapsed() > EXPIRY);
        if !free {
            return None;
        }
        inner.locks += 1;
        let lock = inner.locks;
        inner.holder = Some(Holder {
            lock,
            alive: Arc::clone(alive),
            since: Instant::now(),
        });
        Some(Held {
            shared: self.clone(),
            alive: Arc::clone(alive),
            lock,
        })
    }

    fn release(&self, lock: u64) {
        self.get().holder.take_if(|it| it.lock == lock);
    }

    pub(super) fn lose_lock(&self) {
        self.world.fault(Fault::LockLost);
        self.get().holder = None;
    }
}

/// The store, as one process reaches it.
pub(super) struct Handle {
    pub(super) shared: Shared,
    pub(super) alive: Arc<AtomicBool>,
}

impl Handle {
    async fn way(&self) -> Result<(), StoreError> {
        let world = &self.shared.world;
        world.takes(5).await;
        if !self.alive.load(Ordering::Acquire) {
            std::future::pending::<()>().await;
        }
        while world.get().store_hangs {
            sleep(Duration::from_secs(1)).await;
        }
        if world.get().store_down {
            return Err(StoreError::unavailable("reach the store", "it is down"));
        }
        Ok(())
    }
}

impl SessionStore for Handle {
    fn location(&self) -> String {
        "a simulated store".to_owned()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            self.way().await?;
            let session = self.shared.get().session.clone();
            self.way().await?;
            Ok(session)
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.way().await?;
            let saved = {
                let mut inner = self.shared.get();
                let found = inner.session.as_ref().map_or(0, |it| it.generation);
                if found == expected {
                    let before = inner.session.replace(session.clone());
                    let marker = before.as_ref().filter(|it| it.logout.is_some());
                    if marker.is_some_and(|it| !it.identity.matches(&session.identity)) {
                        self.shared.world.fault(Fault::MarkerReplaced);
                    }
                    inner.before.push(before);
                    Ok(())
                } else {
                    Err(StoreError::Conflict)
                }
            };
            self.shared.world.log(|| {
                let text = session.tokens.as_ref().map(|it| it.access_token.expose());
                let text = text.and_then(|it| it.split('.').next());
                format!(
                    "store: generation {} {text:?} over {expected}: {}",
                    session.generation,
                    saved.is_ok()
                )
            });
            self.way().await?;
            let world = &self.shared.world;
            if world.get().answers_lost && world.chance(0.5) {
                world.fault(Fault::StoreDown);
                return Err(StoreError::unavailable("save", "the answer was lost"));
            }
            saved
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.shared.get().session = None;
            Ok(())
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            loop {
                self.way().await?;
                if let Some(held) = self.shared.try_lock(&self.alive) {
                    let release = held.release();
                    return Ok(StoreLock::with_release(held, release));
                }
                sleep(TICK).await;
            }
        })
    }
}

impl Held {
    fn release(&self) -> impl Future<Output = ()> + Send + 'static {
        let (shared, alive, lock) = (self.shared.clone(), Arc::clone(&self.alive), self.lock);
        async move {
            shared.world.takes(5).await;
            if alive.load(Ordering::Acquire) {
                shared.release(lock);
            }
        }
    }
}

struct Held {
    shared: Shared,
    alive: Arc<AtomicBool>,
    lock: u64,
}

impl Drop for Held {
    fn drop(&mut self) {
        let holder = self.shared.get().holder.as_ref().map(|it| it.lock);
        // Somebody else would wait until it expires.
        if self.alive.load(Ordering::Acquire) && holder == Some(self.lock) {
            self.shared.release(self.lock);
            if !self.shared.world.had(&[Fault::StoreDown]) {
                let world = &self.shared.world;
                world.broken("a lock was dropped, and not released".to_owned());
            }
        }
    }
}
