//! The right to run an exchange, and the duty to tell what came of it.

use std::sync::Arc;
use std::time::Duration;

use super::coordinator::Coordinator;
use super::task_guard::TaskGuard;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::engine::effects::Effects;
use crate::engine::in_exchange::Step;
use crate::lifecycle::{Event, Now};
use crate::store::StoreLock;

/// The right, and the duty, to run one exchange. Dropped before that is over, the exchange is lost, and no caller hangs.
pub(crate) struct ExchangeGuard {
    pub(crate) id: u64,
    task: TaskGuard,
}

impl ExchangeGuard {
    /// It is made, and dropped, where the coordinator's lock is not held: dropping takes it.
    pub(super) fn new(coordinator: Arc<Coordinator>, id: u64) -> Self {
        let task = TaskGuard::new(coordinator);
        Self { id, task }
    }

    pub(crate) fn coordinator(&self) -> &Arc<Coordinator> {
        self.task.coordinator()
    }

    /// The exchange is still there: what it waits for is not the portal.
    pub(crate) fn heard(&self, now: Now) {
        let heard = Event::Heard { id: self.id };
        self.coordinator().update(|state| state.apply(heard, now));
    }

    /// What to ask the portal next; `None` when the outcome is known.
    pub(crate) fn next_step(&self) -> Option<Step> {
        self.coordinator().update(|state| state.next_step(self.id))
    }

    /// Tells the session what came of a step, which began at `since`.
    pub(crate) fn report(
        &self,
        step: &Step,
        since: Now,
        result: Result<Tokens, Failure>,
        now: Now,
    ) -> Effects {
        let chance = fastrand::f64();
        self.coordinator()
            .update(|state| state.report(self.id, step, since, result, now, chance))
    }

    /// Whether it renews a token that is still good.
    pub(crate) fn can_wait(&self, now: Now) -> bool {
        self.renews() && self.coordinator().update(|state| state.has_good_token(now))
    }

    /// How long it waits before it renews a session whose store failed, `None` where renewing alone ends no other's session, or has time.
    pub(crate) fn pause_before_alone(&self, now: Now) -> Option<Duration> {
        if !self.renews() {
            return None;
        }
        let longest = self.coordinator().update(|state| state.last_margin(now))?;
        Some(longest.mul_f64(fastrand::f64()))
    }

    /// Whether it can log in where a refresh is rejected.
    pub(crate) fn can_log_in(&self, now: Now) -> bool {
        self.coordinator()
            .update(|state| state.lifecycle.can_log_in(now))
    }

    fn renews(&self) -> bool {
        let step = self.next_step();
        step.is_some_and(|step| !step.request.is_login())
    }

    /// It has the store's lock.
    pub(crate) fn hold(&self, lock: StoreLock) {
        let lock = Some(Box::new((self.id, lock)));
        let before = self
            .coordinator()
            .update(|state| std::mem::replace(&mut state.lock, lock));
        drop(before);
    }

    /// Releases the store's lock, if it still has it.
    pub(crate) async fn release(&self) {
        let lock = self.coordinator().update(|state| state.take_lock(self.id));
        if let Some(lock) = lock {
            lock.release().await;
        }
    }

    /// The exchange cannot even begin.
    pub(crate) fn fail(&self, error: TransientError, now: Now) -> Effects {
        match self.next_step() {
            Some(step) => self.report(&step, now, Err(error.into()), now),
            None => Effects::default(),
        }
    }

    /// Tells callers that wait what the exchange ended in. Tokens are handed out from now on.
    pub(crate) fn complete(&self, now: Now) {
        let ending = self
            .coordinator()
            .update(|state| state.complete(self.id, now));
        if let Some(ending) = ending {
            self.coordinator().tell(ending);
        }
    }
}

impl Drop for ExchangeGuard {
    fn drop(&mut self) {
        // Callers that wait see its sender go, and begin again. Nor does the lock outlive a task that died.
        let lost = self.coordinator().update(|state| {
            let lock = state.take_lock(self.id);
            (state.lose(self.id, fastrand::f64()), lock)
        });
        drop(lost);
    }
}
