//! Counts the tasks of a session, so that a program can wait for them before it ends.

use std::sync::Arc;

use super::coordinator::Coordinator;

/// One task of a session, until it is dropped.
pub(crate) struct TaskGuard {
    coordinator: Arc<Coordinator>,
}

impl TaskGuard {
    /// It is made, and dropped, where the coordinator's lock is not held: both take it.
    pub(crate) fn new(coordinator: Arc<Coordinator>) -> Self {
        coordinator.update(|state| state.tasks += 1);
        Self { coordinator }
    }

    pub(crate) fn coordinator(&self) -> &Coordinator {
        &self.coordinator
    }
}

impl Drop for TaskGuard {
    fn drop(&mut self) {
        self.coordinator.update(|state| state.tasks -= 1);
        self.coordinator.progress.notify_waiters();
    }
}
