//! The end of a session, here, in the store and at the portal.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::Engine;
use super::context::Context;
use super::task_guard::TaskGuard;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::error::Error;
use crate::lifecycle::Phase;

impl Engine {
    /// Forgets the tokens, then has the portal end them, in a task that goes on if the caller goes away.
    pub(crate) async fn log_out(&self) -> Result<(), Error> {
        // Without a runtime the portal cannot be told: then the tokens stay.
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (first, idle) = self.coordinator.update(|state| {
            let lifecycle = &state.lifecycle;
            let idle = lifecycle.in_flight.is_none() && state.unsaved().is_none();
            (lifecycle.phase != Phase::LoggedOut, idle)
        });
        if !first && idle {
            return Ok(());
        }
        let task = TaskGuard::new(Arc::clone(&self.coordinator));
        let task = runtime.spawn(log_out(task, Arc::clone(&self.context), first));
        match self.within(self.deadline(), task).await? {
            Ok(ended) => ended,
            Err(_) => Err(Error::LogoutFailed(TransientError::Interrupted)),
        }
    }
}

pub(super) async fn log_out(
    task: TaskGuard,
    context: Arc<Context>,
    first: bool,
) -> Result<(), Error> {
    let coordinator = task.coordinator();
    // What others have renewed is what is to be ended; but a logout that is made again ends no newer login of theirs.
    if let Some(sync) = context.sync.as_ref().filter(|_| first) {
        let effects = sync.sync(coordinator).await;
        context.settle(coordinator, effects).await;
    }
    let foreign = coordinator.update(|state| {
        let idle = state.lifecycle.in_flight.is_none();
        state.foreign().filter(|_| idle)
    });
    if let Some(foreign) = foreign {
        return Err(foreign);
    }
    let now = context.now();
    let (tokens, expired, effects) = coordinator.update(|state| {
        let expired = !state.has_good_token(now);
        let (tokens, effects) = state.log_out(first, now);
        (tokens, expired, effects)
    });
    context.settle(coordinator, effects).await;
    let theirs = write(&task, &context).await;
    let ours = tokens.as_ref().map(|it| &it.access);
    let mut ended = Ok(());
    // First those that others have renewed since. Whether they are still good, the portal says.
    for theirs in theirs.into_iter().filter(|it| Some(&it.access) != ours) {
        ended = ended.and(context.end(theirs, false).await);
    }
    if let Some(ours) = tokens {
        ended = ended.and(context.end(ours, expired).await);
    }
    ended.map_err(failed)?;
    coordinator.update(|state| state.is_saved())
}

/// Writes the logout to the store. Returns the tokens that it has replaced there.
async fn write(task: &TaskGuard, context: &Context) -> Vec<Tokens> {
    let coordinator = task.coordinator();
    let Some(sync) = &context.sync else {
        return Vec::new();
    };
    // The store has just failed: the next sync writes the marker.
    if sync.has_just_failed(coordinator).await {
        return Vec::new();
    }
    // A renewal in another process finishes first, if it does in time.
    let lock = sync.lock().await;
    let mut effects = sync.sync(coordinator).await;
    let theirs = std::mem::take(&mut effects.to_revoke);
    if let Some(lock) = lock {
        lock.release().await;
    }
    context.settle(coordinator, effects).await;
    theirs
}

fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Rejected(said) => Error::LogoutRejected(said),
        Failure::Transient(error) => Error::LogoutFailed(error),
    }
}
