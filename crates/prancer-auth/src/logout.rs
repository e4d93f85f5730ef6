//! The end of a session, here and at the portal.

use std::sync::Arc;

use tokio::runtime::Handle;

use crate::caller::{Ask, Tokens};
use crate::change::Change;
use crate::engine::{Engine, Outside};
use crate::error::Error;
use crate::trouble::{Failure, Trouble};

impl Engine {
    /// Forgets the tokens at once, then has the portal end them, in a task that goes on if the caller goes away.
    pub(crate) async fn log_out(&self) -> Result<(), Error> {
        // Before anything is forgotten: what cannot be ended at the portal is not thrown away here.
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let now = self.now();
        let expired = self
            .hub
            .look(|it| it.state.usable(now, &self.hub.policy).is_zero());
        let (changed, tokens) = self.hub.log_out(now);
        let end = |tokens| runtime.spawn(end(Arc::clone(&self.outside), tokens, expired));
        let task = tokens.map(end);
        if changed {
            self.outside.observer.tell(&Change::LoggedOut);
        }
        let Some(task) = task else {
            return Ok(());
        };
        let ended = tokio::time::timeout(self.deadline, task).await;
        match ended {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Err(Error::LogoutFailed(Trouble::Interrupted)),
            Err(_) => Err(Error::DeadlineExceeded(self.deadline)),
        }
    }
}

/// Has the portal end the tokens. It takes an access token for that which is good, so one that is not is renewed first.
async fn end(outside: Arc<Outside>, tokens: Tokens, expired: bool) -> Result<(), Error> {
    let caller = &outside.caller;
    if !expired {
        match caller.logout(&tokens.access).await {
            Err(Failure::Refused(_)) => {}
            ended => return ended.map_err(failed),
        }
    }
    match caller.ask(&Ask::Refresh(tokens.refresh)).await {
        Ok(renewed) => caller.logout(&renewed.access).await.map_err(failed),
        // Both tokens are dead already.
        Err(Failure::Refused(_)) => Ok(()),
        Err(failure) => Err(failed(failure)),
    }
}

fn failed(failure: Failure) -> Error {
    match failure {
        Failure::Refused(said) => Error::LogoutRefused(said),
        Failure::Trouble(trouble) => Error::LogoutFailed(trouble),
    }
}
