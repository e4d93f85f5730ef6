//! The right to renew a session.

use std::fmt;
use std::pin::Pin;

/// The right to renew a session, until it is released or dropped.
pub struct StoreLock {
    release: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl StoreLock {
    /// A lock that is free as soon as `guard` is dropped.
    pub fn new(guard: impl Send + 'static) -> Self {
        Self::with_release(guard, async {})
    }

    /// A lock that is released by awaiting `release`; then `guard` is dropped. If the lock is dropped instead, or
    /// `release` is not awaited to its end, dropping `guard` has to release the lock as well as it can.
    pub fn with_release(
        guard: impl Send + 'static,
        release: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let release = Box::pin(async move {
            let _guard = guard;
            release.await;
        });
        Self { release }
    }

    /// Releases the lock now, and returns when others can take it, or when the store's own time limit has passed.
    ///
    /// If the future is dropped early, the lock is released as if the lock itself were dropped.
    pub async fn release(self) {
        self.release.await;
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_lock_is_held_until_it_is_released_and_shows_nothing() {
        let (guard, released) = (Arc::new(()), Arc::<AtomicBool>::default());
        let (held, done) = (Arc::downgrade(&guard), Arc::clone(&released));
        let lock = StoreLock::with_release(guard, async move {
            assert!(held.upgrade().is_some(), "first it is released");
            done.store(true, Ordering::SeqCst);
        });
        assert_eq!(format!("{lock:?}"), "StoreLock(..)");
        lock.release().await;
        assert!(released.load(Ordering::SeqCst));
    }
}
