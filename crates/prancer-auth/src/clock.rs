//! What time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::life::Now;

/// Tells the time; a test may give a session its own.
pub trait Clock: Send + Sync + 'static {
    /// The moment.
    fn now(&self) -> Now;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock {
    /// The monotonic clock as the kernel last noted it, some milliseconds ago: a quarter of the price of the exact one.
    start: coarsetime::Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: coarsetime::Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        let monotonic = coarsetime::Instant::now().duration_since(self.start);
        Now {
            wall: wall.unwrap_or_default(),
            monotonic: Duration::from_nanos(monotonic.as_nanos()) + AGE_OF_START,
        }
    }
}

/// How far back the monotonic clock can tell, before the session began: longer than any token lives.
const AGE_OF_START: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
