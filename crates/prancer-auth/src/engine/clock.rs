//! What time it is.

use crate::lifecycle::Now;

/// A source of the time. A test may give a session a clock of its own.
pub trait Clock: Send + Sync + 'static {
    /// The moment.
    fn now(&self) -> Now;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

/// As the kernel last noted them, some milliseconds ago.
#[cfg(target_os = "linux")]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        use std::time::Duration;

        use rustix::time::{ClockId, clock_gettime};

        // A clock before its own beginning is taken for one at its beginning.
        let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
        Now {
            wall: read(ClockId::RealtimeCoarse),
            monotonic: read(ClockId::MonotonicCoarse) + AGE_OF_START,
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Clock for SystemClock {
    fn now(&self) -> Now {
        use std::sync::LazyLock;
        use std::time::{Instant, SystemTime, UNIX_EPOCH};

        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        let wall = SystemTime::now().duration_since(UNIX_EPOCH);
        Now {
            wall: wall.unwrap_or_default(),
            monotonic: START.elapsed() + AGE_OF_START,
        }
    }
}

/// How far back the monotonic clock can tell, before the machine or the session began: longer than any token lives.
const AGE_OF_START: std::time::Duration = std::time::Duration::from_secs(100 * 365 * 24 * 60 * 60);
