//! The end of a session, here, in the store and at the portal.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Engine;
use super::coordinator::Coordinator;
use super::task_guard::TaskGuard;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::error::Error;
use crate::lifecycle::NoToken;

impl Engine {
    /// Forgets the tokens, then has the portal end them, in a task that goes on if the caller goes away.
    pub(crate) async fn log_out(&self) -> Result<(), Error> {
        // Without a runtime the portal cannot be told: then the tokens stay.
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let (first, idle) = self.coordinator.update(|state| {
            let lifecycle = &state.lifecycle;
            let idle = lifecycle.in_flight.is_none() && state.unsaved().is_none();
            (lifecycle.token != Err(NoToken::LoggedOut), idle)
        });
        if !first && idle {
            return Ok(());
        }
        let task = TaskGuard::new(Arc::clone(&self.coordinator));
        let (done, ended) = oneshot::channel();
        runtime.spawn(async move {
            let coordinator = task.coordinator();
            // Where the caller has gone away, the program hears of a failure all the same.
            if let Err(Err(error)) = done.send(log_out(coordinator, first).await) {
                coordinator.tell_unheard(error);
            }
        });
        let ended = self.within(self.deadline(), ended).await?;
        ended.unwrap_or(Err(Error::LogoutFailed(TransientError::Interrupted)))
    }
}

pub(super) async fn log_out(coordinator: &Coordinator, first: bool) -> Result<(), Error> {
    let context = &coordinator.context;
    let mut unused = Vec::new();
    // What others have renewed is what is to be ended; but a logout that is made again ends no newer login of theirs.
    if first {
        let effects = coordinator.sync().await;
        unused = coordinator.tell_of(effects).await;
    }
    let foreign = coordinator.update(|state| {
        let idle = state.lifecycle.in_flight.is_none();
        state.foreign().filter(|_| idle)
    });
    if let Some(foreign) = foreign {
        coordinator.revoke(unused).await;
        return Err(foreign);
    }
    let now = context.now();
    let (tokens, expired, effects) = coordinator.update(|state| {
        let expired = !state.has_good_token(now);
        let (tokens, effects) = state.log_out(first, now);
        (tokens, expired, effects)
    });
    unused.extend(coordinator.tell_of(effects).await);
    // Those that others have renewed since: whether they are still good, the portal says.
    let theirs = write(coordinator).await;
    let ours = tokens.as_ref().map(|it| &it.access);
    let mut ended = Ok(());
    for theirs in theirs.into_iter().filter(|it| Some(&it.access) != ours) {
        ended = ended.and(context.revoke(theirs, false).await);
    }
    if let Some(ours) = tokens {
        ended = ended.and(context.revoke(ours, expired).await);
    }
    coordinator.revoke(unused).await;
    ended.map_err(|failure| match failure {
        Failure::Rejected(said) => Error::LogoutRejected(said),
        Failure::Transient(error) => Error::LogoutFailed(error),
    })?;
    coordinator.update(|state| state.is_saved())
}

/// Writes the logout to the store. Returns the tokens that it has replaced there.
async fn write(coordinator: &Coordinator) -> Vec<Tokens> {
    // The store has just failed: the next sync writes the marker.
    if coordinator.store_has_just_failed().await {
        return Vec::new();
    }
    // A renewal in another process finishes first, if it does in time.
    let lock = coordinator.context.lock().await;
    let effects = coordinator.sync().await;
    if let Some(lock) = lock {
        lock.release().await;
    }
    coordinator.tell_of(effects).await
}
