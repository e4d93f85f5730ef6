//! The token that is there, where every thread can reach it without a lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use http::HeaderValue;
use prancer_auth_client::{AccessToken, InvalidToken};

use crate::life::Now;

/// How many copies of a header there are at most. Threads that share one slow each other down by counting its owners.
const COPIES: usize = 4;

/// A token, its header, and until when it can be handed out without a thought.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) generation: u64,
    pub(crate) access: AccessToken,
    /// Each is made when the first thread that shares it asks.
    headers: [OnceLock<HeaderValue>; COPIES],
    quiet_until_wall_ns: AtomicU64,
    quiet_until_monotonic_ns: AtomicU64,
}

impl Published {
    pub(crate) fn new(access: AccessToken, generation: u64) -> Self {
        Self {
            generation,
            access,
            headers: Default::default(),
            quiet_until_wall_ns: AtomicU64::new(0),
            quiet_until_monotonic_ns: AtomicU64::new(0),
        }
    }

    /// The header that carries the token, marked sensitive.
    pub(crate) fn authorization(&self) -> Result<HeaderValue, InvalidToken> {
        let header = &self.headers[copy()];
        match header.get() {
            Some(header) => Ok(header.clone()),
            None => {
                let made = self.access.bearer()?;
                Ok(header.get_or_init(|| made).clone())
            }
        }
    }

    /// Whether the token can be handed out without a thought.
    pub(crate) fn is_quiet(&self, now: Now) -> bool {
        nanoseconds(now.wall) < self.quiet_until_wall_ns.load(Ordering::Acquire)
            && nanoseconds(now.monotonic) < self.quiet_until_monotonic_ns.load(Ordering::Acquire)
    }

    pub(crate) fn set_quiet_until(&self, until: Option<Now>) {
        let wall = until.map_or(0, |until| nanoseconds(until.wall));
        let monotonic = until.map_or(0, |until| nanoseconds(until.monotonic));
        self.quiet_until_wall_ns.store(wall, Ordering::Release);
        self.quiet_until_monotonic_ns
            .store(monotonic, Ordering::Release);
    }
}

/// Which copy is this thread's.
fn copy() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static COPY: usize = THREADS.fetch_add(1, Ordering::Relaxed) % COPIES;
    }
    COPY.with(|copy| *copy)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}
