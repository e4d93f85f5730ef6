//! Clocks that a story moves.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prancer_auth::{Clock, Now};

/// The two clocks of a machine, each moved by hand.
#[derive(Clone)]
pub(crate) struct Hands(Arc<Mutex<Now>>);

impl Hands {
    pub(crate) fn new() -> Self {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let monotonic = Duration::from_secs(1 << 32);
        Self(Arc::new(Mutex::new(Now { wall, monotonic })))
    }

    /// Time passes.
    pub(crate) fn pass(&self, time: Duration) {
        self.move_by(|now| {
            now.wall += time;
            now.monotonic += time;
        });
    }

    /// One or both of the clocks change.
    pub(crate) fn move_by(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.0.lock().unwrap());
    }
}

impl Clock for Hands {
    fn now(&self) -> Now {
        *self.0.lock().unwrap()
    }
}
