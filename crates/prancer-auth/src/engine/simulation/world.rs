//! What everybody in a history shares: time, chance, faults, and what is noted of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::engine::clock::Clock;
use crate::lifecycle::Now;

/// Since 1970, when a history begins.
const START: Duration = Duration::from_secs(20_000 * 24 * 60 * 60);

/// What happened that a rule may make an exception for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    Crash,
    PortalDown,
    AnswerLost,
    StoreDown,
    StoreReset,
    LockLost,
    Clock,
    OtherUser,
    /// The session of another user was saved over the marker of a logout, which is forgotten by that.
    MarkerReplaced,
}

#[derive(Clone)]
pub(super) struct World {
    begin: Instant,
    inner: Arc<Mutex<Inner>>,
}

pub(super) struct Inner {
    pub(super) random: fastrand::Rng,
    pub(super) faults: BTreeSet<Fault>,
    pub(super) broken: Vec<String>,
    pub(super) log: Vec<String>,
    pub(super) portal_down: bool,
    pub(super) answers_lost: bool,
    pub(super) slow: bool,
    pub(super) store_down: bool,
    pub(super) store_hangs: bool,
    /// How many callers log in.
    pub(super) logins: u64,
    /// How many log out, or have.
    pub(super) logouts: u64,
    /// Counts what happens.
    sequence: u64,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let inner = Inner {
            random: fastrand::Rng::with_seed(seed),
            faults: BTreeSet::new(),
            broken: Vec::new(),
            log: Vec::new(),
            portal_down: false,
            answers_lost: false,
            slow: false,
            store_down: false,
            store_hangs: false,
            logins: 0,
            logouts: 0,
            sequence: 0,
        };
        Self {
            begin: Instant::now(),
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    pub(super) fn get(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The real time, since 1970.
    pub(super) fn now(&self) -> Duration {
        START + self.begin.elapsed()
    }

    pub(super) fn next(&self) -> u64 {
        let mut inner = self.get();
        inner.sequence += 1;
        inner.sequence
    }

    pub(super) fn chance(&self, of: f64) -> bool {
        self.get().random.f64() < of
    }

    pub(super) fn below(&self, bound: u64) -> u64 {
        self.get().random.u64(0..bound)
    }

    pub(super) fn fault(&self, fault: Fault) {
        self.get().faults.insert(fault);
    }

    pub(super) fn had(&self, faults: &[Fault]) -> bool {
        let inner = self.get();
        faults.iter().any(|fault| inner.faults.contains(fault))
    }

    pub(super) fn broken(&self, rule: String) {
        self.get().broken.push(rule);
    }

    pub(super) fn log(&self, line: impl FnOnce() -> String) {
        if std::env::var_os("PRANCER_SEED").is_some() {
            let line = format!("{:?} {}", self.begin.elapsed(), line());
            self.get().log.push(line);
        }
    }

    pub(super) async fn takes(&self, at_most_ms: u64) {
        sleep(Duration::from_millis(self.below(at_most_ms + 1))).await;
    }
}

/// The clock of one machine, which may be wrong.
#[derive(Clone)]
pub(super) struct MachineClock {
    pub(super) world: World,
    /// How far it is ahead, in milliseconds.
    pub(super) ahead: Arc<Mutex<i64>>,
}

impl Clock for MachineClock {
    fn now(&self) -> Now {
        let real = self.world.now();
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let by = Duration::from_millis(ahead.unsigned_abs());
        Now {
            wall: if ahead < 0 { real - by } else { real + by },
            monotonic: real,
        }
    }
}
