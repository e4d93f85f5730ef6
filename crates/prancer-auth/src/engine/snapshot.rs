//! The token, where every thread can reach it without a lock.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use http::HeaderValue;
use prancer_auth_client::AccessToken;

use crate::api::tokens::Tokens;
use crate::lifecycle::Now;

/// How many copies of a header there are at most, besides the first. Threads that share one slow each other down by counting its
/// owners.
const COPIES: usize = 3;

/// A token, its header, and until when it can be handed out without asking the session's state.
#[derive(Debug)]
pub(crate) struct TokenSnapshot {
    pub(crate) serial: u64,
    pub(crate) access: AccessToken,
    header: HeaderValue,
    /// Each is made when the first thread that shares it asks.
    copies: OnceLock<Box<[OnceLock<HeaderValue>; COPIES]>>,
    fast_until_wall_s: AtomicU64,
    fast_until_monotonic_s: AtomicU64,
}

impl TokenSnapshot {
    pub(crate) fn new(tokens: &Tokens, serial: u64) -> Self {
        Self {
            serial,
            header: tokens.header.clone(),
            access: tokens.access.clone(),
            copies: OnceLock::new(),
            fast_until_wall_s: AtomicU64::new(0),
            fast_until_monotonic_s: AtomicU64::new(0),
        }
    }

    /// The header that carries the token, marked sensitive.
    pub(crate) fn authorization(&self) -> HeaderValue {
        match copy().checked_sub(1) {
            None => self.header.clone(),
            Some(copy) => {
                let copies = self.copies.get_or_init(Box::default);
                match copies.get(copy) {
                    Some(copy) => copy.get_or_init(|| self.copy()).clone(),
                    None => self.header.clone(),
                }
            }
        }
    }

    #[cold]
    fn copy(&self) -> HeaderValue {
        self.access.bearer().unwrap_or_else(|_| self.header.clone())
    }

    /// Whether the token can be handed out at once. It looks at whole seconds, which are read without arithmetic.
    pub(crate) fn is_fast(&self, now: Now) -> bool {
        now.wall.as_secs() < self.fast_until_wall_s.load(Ordering::Acquire)
            && now.monotonic.as_secs() < self.fast_until_monotonic_s.load(Ordering::Acquire)
    }

    pub(crate) fn set_fast_path_until(&self, until: Option<Now>) {
        let (wall, monotonic) = until.map_or((0, 0), |until| {
            (until.wall.as_secs(), until.monotonic.as_secs())
        });
        self.fast_until_wall_s.store(wall, Ordering::Release);
        self.fast_until_monotonic_s
            .store(monotonic, Ordering::Release);
    }
}

/// Which copy is this thread's, 0 for the first one.
fn copy() -> usize {
    static THREADS: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static COPY: usize = THREADS.fetch_add(1, Ordering::Relaxed) % (1 + COPIES);
    }
    COPY.with(|copy| *copy)
}
