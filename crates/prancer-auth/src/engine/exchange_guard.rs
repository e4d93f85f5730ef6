//! The right to run an exchange, and the duty to tell what came of it.

use std::sync::Arc;
use std::time::Duration;

use super::coordinator::Coordinator;
use super::task_guard::TaskGuard;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::engine::effects::Effects;
use crate::engine::exchange_state::Attempt;
use crate::lifecycle::{Event, Now};
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

    pub(crate) fn coordinator(&self) -> &Arc<Coordinator> {
        self.task.coordinator()
    }

    /// Marks progress while the exchange waits for the store.
    pub(crate) fn heard(&self, now: Now) {
        let heard = Event::Heard { id: self.id };
        self.coordinator().update(|state| state.apply(heard, now));
    }

    /// What to ask the portal next; `None` when the outcome is known.
    pub(crate) fn next_attempt(&self) -> Option<Attempt> {
        self.coordinator()
            .update(|state| state.next_attempt(self.id))
    }

    /// Reports the result of an attempt that began at `since`.
    pub(crate) fn report(
        &self,
        attempt: &Attempt,
        since: Now,
        result: Result<Tokens, Failure>,
        now: Now,
    ) -> Effects {
        let chance = fastrand::f64();
        self.coordinator()
            .update(|state| state.report(self.id, attempt, since, result, now, chance))
    }

    /// Whether it renews a token that is still good.
    pub(crate) fn can_wait(&self, now: Now) -> bool {
        self.renews() && self.coordinator().update(|state| state.has_good_token(now))
    }

    /// The random wait before an expired session is renewed without its store; `None` for a login, and while the token is good.
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
        let attempt = self.next_attempt();
        attempt.is_some_and(|attempt| !attempt.request.is_login())
    }

    /// It has the store's lock.
    pub(crate) fn hold(&self, lock: StoreLock) {
        let lock = Some(Box::new((self.id, lock)));
        let superfluous = self.coordinator().update(|state| {
            // One that was taken for lost, while another exchange holds the lock by now, only took what had expired.
            match state.lifecycle.in_flight {
                Some(it) if it.id == self.id => std::mem::replace(&mut state.lock, lock),
                _ => lock,
            }
        });
        drop(superfluous);
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
        match self.next_attempt() {
            Some(attempt) => self.report(&attempt, now, Err(error.into()), now),
            None => Effects::default(),
        }
    }

    /// Ends the exchange and tells waiting callers its result. New tokens are handed out from now on.
    pub(crate) fn complete(&self, now: Now) {
        let completion = self
            .coordinator()
            .update(|state| state.complete(self.id, now));
        if let Some(completion) = completion {
            self.coordinator().tell(completion);
        }
    }
}

impl Drop for ExchangeGuard {
    fn drop(&mut self) {
        // Waiting callers see the sender go and begin again. The store's lock goes with the task.
        let lost = self.coordinator().update(|state| {
            let lock = state.take_lock(self.id);
            // In this order: the lock is released first.
            (lock, state.lose(self.id, fastrand::f64()))
        });
        drop(lost);
    }
}
