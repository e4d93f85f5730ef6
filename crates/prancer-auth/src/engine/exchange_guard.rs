//! The right to run an exchange, and the duty to tell what came of it.

use std::sync::Arc;

use super::coordinator::Coordinator;
use super::task_guard::TaskGuard;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::engine::effects::Effects;
use crate::engine::exchange_state::Attempt;
use crate::lifecycle::{Event, InFlight, Now};
use crate::store::StoreLock;

/// The right and the duty to run one exchange. If it is dropped before the exchange is over, waiting callers begin another.
pub(crate) struct ExchangeGuard {
    pub(crate) id: u64,
    task: TaskGuard,
}

impl ExchangeGuard {
    /// Must be made and dropped without the coordinator's mutex held: dropping takes it.
    pub(super) fn new(coordinator: Arc<Coordinator>, id: u64) -> Self {
        let task = TaskGuard::new(coordinator);
        Self { id, task }
    }

    pub(crate) fn coordinator(&self) -> &Coordinator {
        self.task.coordinator()
    }

    fn now(&self) -> Now {
        self.coordinator().context.now()
    }

    /// Marks progress while the exchange waits for the store.
    pub(crate) fn heard(&self) {
        let (heard, now) = (Event::Heard(self.id), self.now());
        self.coordinator().update(|state| state.apply(heard, now));
    }

    /// The exchange; `None` when its outcome is known.
    pub(crate) fn asking(&self) -> Option<InFlight> {
        self.coordinator().update(|state| state.asking(self.id))
    }

    /// What to ask the portal now; `None` when the outcome is known.
    pub(crate) fn next_attempt(&self) -> Option<Attempt> {
        let now = self.now();
        self.coordinator()
            .update(|state| state.next_attempt(self.id, now))
    }

    /// Reports the result of an attempt.
    pub(crate) fn report(&self, attempt: &Attempt, result: Result<Tokens, Failure>) -> Effects {
        let now = self.now();
        self.coordinator()
            .update(|state| state.report(attempt, result, now))
    }

    /// It has the store's lock.
    pub(crate) async fn hold(&self, lock: StoreLock) {
        // One that was cancelled or taken for lost meanwhile has no use for it.
        let superfluous = self
            .coordinator()
            .update(|state| match state.lock_of(self.id) {
                Some(held) => held.replace(lock),
                None => Some(lock),
            });
        if let Some(superfluous) = superfluous {
            superfluous.release().await;
        }
    }

    /// Whether the store's lock was given up, since the exchange's runtime was not run for so long.
    pub(crate) fn has_lost_lock(&self) -> bool {
        self.coordinator()
            .update(|state| matches!(state.lock_of(self.id), Some(None)))
    }

    /// Releases the store's lock, if it still has it.
    pub(crate) async fn release(&self) {
        let held = self
            .coordinator()
            .update(|state| state.lock_of(self.id)?.take());
        if let Some(lock) = held {
            lock.release().await;
        }
    }

    /// The exchange cannot even begin.
    pub(crate) fn fail(&self, error: TransientError) -> Effects {
        match self.next_attempt() {
            Some(attempt) => self.report(&attempt, Err(error.into())),
            None => Effects::default(),
        }
    }

    /// Ends the exchange and tells waiting callers its result. New tokens are handed out from now on.
    pub(crate) fn complete(&self) {
        let (coordinator, now) = (self.coordinator(), self.now());
        if let Some(exchange) = coordinator.update(|state| state.complete(self.id, now)) {
            coordinator.tell(*exchange, Ok(()));
        }
    }
}

impl Drop for ExchangeGuard {
    fn drop(&mut self) {
        // The store's lock goes with the exchange. Then waiting callers see the sender go, and begin again.
        let lost = self.coordinator().update(|state| state.lose(self.id));
        drop(lost);
    }
}
