//! Reads and writes of the store outside of an exchange: before a token is handed out, and before a program ends.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::Engine;
use super::session_state::SessionState;
use super::task_guard::TaskGuard;
use crate::error::Error;
use crate::lifecycle::Now;

/// Whether the store is to be read before a token is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncDue {
    /// What is known is recent enough.
    Not,
    /// First.
    First,
    /// The store failed last time, and the token is good: the caller does not wait for it.
    Behind,
    /// Another task of this process does it, until this moment at the latest, and there is no good token: wait for it.
    Elsewhere(Now),
}

impl Engine {
    /// Reads what other processes have written, where what is known is too old.
    pub(super) async fn sync_if_due(&self, deadline: Instant) {
        loop {
            let progress = self.coordinator.progress.notified();
            let now = self.now();
            let due = self.coordinator.update(|state| state.claim_sync(now));
            match due {
                SyncDue::Not => return,
                SyncDue::Behind => return drop(self.spawn_sync()),
                SyncDue::First => return self.sync_now(deadline).await,
                SyncDue::Elsewhere(claim) => {
                    let patience = Instant::now() + self.policy().store_call;
                    if timeout_at(deadline.min(patience), progress).await.is_err() {
                        if Instant::now() >= deadline {
                            return;
                        }
                        // Its runtime may not be run any more: one of those that wait does it.
                        self.coordinator.update(|state| state.drop_claim(claim));
                    }
                }
            }
        }
    }

    /// Reads what other processes have written. A caller that has a good token does not wait long for it.
    async fn sync_now(&self, deadline: Instant) {
        let is_read = self.spawn_sync();
        let now = self.now();
        let good = self.coordinator.update(|state| state.has_good_token(now));
        let glance = Instant::now() + self.policy().store_glance;
        let until = if good { deadline.min(glance) } else { deadline };
        // Whatever comes of it, the state decides.
        let _ = timeout_at(until, is_read).await;
    }

    /// In a task of its own, so that a caller that goes away leaves nothing half done.
    ///
    /// What it returns ends when the store has been read; the task may then have tokens to end.
    fn spawn_sync(&self) -> oneshot::Receiver<()> {
        let (done, is_read) = oneshot::channel();
        let task = TaskGuard::new(Arc::clone(&self.coordinator));
        tokio::spawn(async move {
            let coordinator = task.coordinator();
            let effects = coordinator.sync().await;
            // The program hears of the change before the callers go on; tokens are ended after both.
            let to_revoke = coordinator.tell_of(effects).await;
            coordinator.progress.notify_waiters();
            drop(done);
            coordinator.revoke(to_revoke).await;
        });
        is_read
    }

    /// Waits until no exchange and no logout is under way, and what only this session has is in the store.
    pub(crate) async fn settled(&self) -> Result<(), Error> {
        let deadline = self.deadline();
        loop {
            let progress = self.coordinator.progress.notified();
            let idle = self
                .coordinator
                .update(|state| state.tasks == 0 && state.lifecycle.in_flight.is_none());
            if idle {
                break;
            }
            Handle::try_current().map_err(|_| Error::NoRuntime)?;
            self.within(deadline, progress).await?;
        }
        if Handle::try_current().is_ok()
            && let Some(task) = self.spawn_save()
        {
            let _ = self.within(deadline, task).await?;
        }
        self.coordinator.update(|state| state.is_saved())
    }

    /// Writes what only this session has, in a task of its own.
    fn spawn_save(&self) -> Option<tokio::task::JoinHandle<()>> {
        self.coordinator.update(|state| state.unsaved())?;
        let task = TaskGuard::new(Arc::clone(&self.coordinator));
        Some(tokio::spawn(async move {
            let effects = task.coordinator().save().await;
            task.coordinator().settle(effects).await;
        }))
    }
}

impl SessionState {
    /// Another task may read the store in place of one that did not in time.
    fn drop_claim(&mut self, claim: Now) {
        let replica = self.replica.as_mut();
        if let Some(replica) = replica.filter(|it| it.syncing_until == claim) {
            replica.syncing_until = Now::default();
        }
    }

    /// Whether a caller is to read the store first.
    pub(crate) fn claim_sync(&mut self, now: Now) -> SyncDue {
        let good = self.has_good_token(now);
        let failing = self.store_failure.is_some();
        let Some(replica) = &mut self.replica else {
            return SyncDue::Not;
        };
        if now.is_before(replica.next_sync) {
            SyncDue::Not
        } else if now.is_before(replica.syncing_until) {
            if good {
                SyncDue::Not
            } else {
                SyncDue::Elsewhere(replica.syncing_until)
            }
        } else {
            replica.syncing_until = now.after(self.policy.store_call);
            if good && failing {
                SyncDue::Behind
            } else {
                SyncDue::First
            }
        }
    }
}
