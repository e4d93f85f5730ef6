//! A moment.

use std::time::Duration;

/// A moment on both clocks: the wall clock, which people can set, and the monotonic clock, which only goes forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// The wall clock, since 1970. It may jump.
    pub wall: Duration,
    /// The monotonic clock, since some fixed moment. It may stand still while the machine sleeps.
    pub monotonic: Duration,
}

impl Now {
    /// How long ago `then` was, by the clock that says longer, so that neither a sleep nor a clock set back hides time.
    pub fn since(self, then: Self) -> Duration {
        let wall = self.wall.saturating_sub(then.wall);
        let monotonic = self.monotonic.saturating_sub(then.monotonic);
        wall.max(monotonic)
    }

    /// Whether neither clock has reached `limit`.
    pub fn is_before(self, limit: Self) -> bool {
        self.wall < limit.wall && self.monotonic < limit.monotonic
    }

    /// The moment so much later.
    pub fn after(self, time: Duration) -> Self {
        Self {
            wall: self.wall.saturating_add(time),
            monotonic: self.monotonic.saturating_add(time),
        }
    }

    /// The moment so long ago, as far back as the clocks go.
    pub fn before(self, age: Duration) -> Self {
        Self {
            wall: self.wall.saturating_sub(age),
            monotonic: self.monotonic.saturating_sub(age),
        }
    }

    /// On each clock, the later of both.
    pub(super) fn later(self, other: Self) -> Self {
        Self {
            wall: self.wall.max(other.wall),
            monotonic: self.monotonic.max(other.monotonic),
        }
    }

    /// On each clock, the earlier of both.
    pub(crate) fn earlier(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            monotonic: self.monotonic.min(other.monotonic),
        }
    }
}
