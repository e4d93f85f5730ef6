//! What time it is.

use std::time::{Duration, Instant, SystemTime};

/// A moment, on both clocks: the one that people set, and the one that only goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// The wall clock. It may jump.
    pub wall: SystemTime,
    /// The monotonic clock. It may stand still while the machine sleeps.
    pub monotonic: Instant,
}

impl Now {
    /// How long ago `then` was, by the clock that says longer, so that neither a sleep nor a clock set back hides time.
    pub(crate) fn since(&self, then: Self) -> Duration {
        let wall = self.wall.duration_since(then.wall).unwrap_or_default();
        let monotonic = self.monotonic.saturating_duration_since(then.monotonic);
        wall.max(monotonic)
    }

    /// The moment that was so long ago, as far back as the clocks go.
    pub(crate) fn before(self, age: Duration) -> Self {
        Self {
            wall: self.wall.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH),
            monotonic: self.monotonic.checked_sub(age).unwrap_or(self.monotonic),
        }
    }
}

/// Tells the time; a test may give a session its own.
pub trait Clock: Send + Sync + 'static {
    /// The moment.
    fn now(&self) -> Now;
}

/// The machine's clocks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Now {
        Now {
            wall: SystemTime::now(),
            monotonic: Instant::now(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_that_says_longer_is_believed() {
        let then = SystemClock.now();
        let hour = Duration::from_secs(3600);
        let slept = Now {
            wall: then.wall + hour,
            ..then
        };
        let set_back = Now {
            wall: then.wall - 24 * hour,
            monotonic: then.monotonic + hour,
        };
        assert_eq!(slept.since(then), hour);
        assert_eq!(set_back.since(then), hour);
    }
}
