//! The end of a session, here and at the portal.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::caller::{Ask, Caller, Tokens};
use crate::change::Change;
use crate::engine::{Engine, Outside};
use crate::error::Error;
use crate::hub::Hub;
use crate::trouble::{Failure, Trouble};

impl Engine {
    /// Forgets the tokens at once, then has the portal end them, in a task that goes on if the caller goes away.
    pub(crate) async fn log_out(&self) -> Result<(), Error> {
        // Before anything is forgotten: what cannot be ended at the portal is not thrown away here.
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let deadline = Instant::now() + self.deadline;
        self.look(deadline).await;
        if let Some(foreign) = self.hub.foreign() {
            return Err(foreign);
        }
        let now = self.now();
        let expired = self
            .hub
            .look(|it| it.state.usable(now, &self.hub.policy).is_zero());
        let (changed, tokens) = self.hub.log_out(now);
        let (hub, outside) = (Arc::clone(&self.hub), Arc::clone(&self.outside));
        let task = runtime.spawn(end_everywhere(hub, outside, tokens, expired));
        if changed {
            self.outside.observer.tell(&Change::LoggedOut);
        }
        let ended = tokio::time::timeout_at(deadline, task).await;
        match ended {
            Ok(Ok(ended)) => ended,
            Ok(Err(_)) => Err(Error::LogoutFailed(Trouble::Interrupted)),
            Err(_) => Err(Error::DeadlineExceeded(self.deadline)),
        }
    }
}

/// Keeps the logout for others, then has the portal end the tokens.
async fn end_everywhere(
    hub: Arc<Hub>,
    outside: Arc<Outside>,
    tokens: Option<Tokens>,
    expired: bool,
) -> Result<(), Error> {
    let kept = match &outside.keeping {
        Some(keeping) => keeping.end(&hub, &outside).await,
        None => None,
    };
    let ours = tokens.as_ref().map(|it| it.access.clone());
    let ended = match tokens {
        Some(tokens) => end(&outside.caller, tokens, expired).await,
        None => Ok(()),
    };
    // Those that others have renewed since. Whether they are still good, the portal says.
    if let Some(kept) = kept.filter(|kept| Some(&kept.access) != ours.as_ref()) {
        end(&outside.caller, kept, false).await?;
    }
    ended?;
    match hub.not_kept() {
        Some(error) => Err(Error::Store(error)),
        None => Ok(()),
    }
}

/// Has the portal end the tokens. It takes an access token for that which is good, so one that is not is renewed first.
async fn end(caller: &Caller, tokens: Tokens, expired: bool) -> Result<(), Error> {
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
