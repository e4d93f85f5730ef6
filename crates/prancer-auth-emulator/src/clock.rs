//! The emulator's own clock: the machine's, moved by a test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[derive(Debug, Clone, Default)]
pub(crate) struct Clock {
    offset_ms: Arc<AtomicI64>,
}

impl Clock {
    pub(crate) fn now(&self) -> SystemTime {
        let offset_ms = self.offset_ms.load(Ordering::Acquire);
        let offset = Duration::from_millis(offset_ms.unsigned_abs());
        let now = SystemTime::now();
        let moved = if offset_ms < 0 {
            now.checked_sub(offset)
        } else {
            now.checked_add(offset)
        };
        moved.unwrap_or(now)
    }

    /// Seconds since 1970, the unit of a JSON Web Token.
    pub(crate) fn unix_seconds(&self) -> u64 {
        self.now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs()
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.shift(i64::saturating_add, by);
    }

    pub(crate) fn rewind(&self, by: Duration) {
        self.shift(i64::saturating_sub, by);
    }

    fn shift(&self, change: impl Fn(i64, i64) -> i64, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let changed = |offset_ms| Some(change(offset_ms, by_ms));
        let _ = self
            .offset_ms
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, changed);
    }
}
