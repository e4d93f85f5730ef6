//! The end of a session, here, in the store and at the portal.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::Engine;
use super::context::Context;
use super::task_guard::TaskGuard;
use crate::api::client::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::error::Error;
use crate::lifecycle::Phase;

impl Engine {
    /// Forgets the tokens at once, then has the portal end them, in a task that goes on if the caller goes away.
    pub(crate) async fn log_out(&self) -> Result<(), Error> {
        // Before anything is forgotten: what cannot be ended at the portal is not thrown away here.
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let deadline = self.deadline();
        let (first, idle) = self.coordinator.update(|state| {
            let lifecycle = &state.lifecycle;
            let idle = lifecycle.in_flight.is_none() && state.unsaved().is_none();
            (lifecycle.phase != Phase::LoggedOut, idle)
        });
        if !first && idle {
            return Ok(());
        }
        self.sync_now(deadline).await;
        if let Some(foreign) = self.coordinator.update(|state| state.foreign()) {
            return Err(foreign);
        }
        let now = self.context.now();
        let (tokens, expired, effects) = self.coordinator.update(|state| {
            let expired = !state.has_good_token(now);
            let (tokens, effects) = state.log_out(first, now);
            (tokens, expired, effects)
        });
        let task = TaskGuard::new(Arc::clone(&self.coordinator));
        let context = Arc::clone(&self.context);
        let task = runtime.spawn(end_everywhere(task, context, tokens, expired));
        self.context.settle(&self.coordinator, effects).await;
        match self.within(deadline, task).await? {
            Ok(ended) => ended,
            Err(_) => Err(Error::LogoutFailed(TransientError::Interrupted)),
        }
    }
}

/// Writes the logout to the store, then has the portal end the tokens.
async fn end_everywhere(
    task: TaskGuard,
    context: Arc<Context>,
    tokens: Option<Tokens>,
    expired: bool,
) -> Result<(), Error> {
    let coordinator = task.coordinator();
    let mut theirs = Vec::new();
    if let Some(sync) = &context.sync
        && !sync.has_just_failed(coordinator, &context).await
    {
        // A renewal in another process finishes first, if it does in time.
        let lock = sync.lock().await;
        let mut effects = sync.sync(coordinator, &context).await;
        theirs = std::mem::take(&mut effects.to_revoke);
        if let Some(lock) = lock {
            lock.release().await;
        }
        context.settle(coordinator, effects).await;
    }
    let ours = tokens.as_ref().map(|it| &it.access);
    theirs.retain(|it| Some(&it.access) != ours);
    let mut ended = Ok(());
    // First those that others have renewed since. Whether they are still good, the portal says.
    for theirs in theirs {
        ended = ended.and(context.end(theirs, false).await);
    }
    if let Some(ours) = tokens {
        ended = ended.and(context.end(ours, expired).await);
    }
    ended.map_err(failed)?;
    coordinator.update(|state| match &state.store_failure {
        Some(error) if state.unsaved().is_some() => Err(Error::Store(error.clone())),
        _ => Ok(()),
    })
}

fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Rejected(said) => Error::LogoutRejected(said),
        Failure::Transient(error) => Error::LogoutFailed(error),
    }
}
