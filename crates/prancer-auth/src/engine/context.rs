//! What exchanges and logouts need of the world, for as long as they take.

use std::sync::Arc;

use tokio::time::timeout;

use super::clock::Clock;
use super::coordinator::Coordinator;
use super::effects::Effects;
use super::observer::Observer;
use super::store_sync::StoreSync;
use crate::api::client::{TokenEndpoint, TokenRequest, Tokens};
use crate::api::transient_error::{Failure, TransientError};
use crate::event::SessionEvent;
use crate::lifecycle::{Now, Policy};

/// What exchanges and logouts need of the world, for as long as they take.
pub(crate) struct Context {
    pub(crate) endpoint: Box<dyn TokenEndpoint>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Observer,
    pub(crate) sync: Option<StoreSync>,
    pub(crate) policy: &'static Policy,
}

impl Context {
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// One attempt to get tokens.
    pub(crate) async fn attempt(&self, request: &TokenRequest) -> Result<Tokens, Failure> {
        let mut call = self.endpoint.tokens(request);
        match timeout(self.policy.attempt, &mut call).await {
            Ok(result) => result,
            // Where the runtime was not run meanwhile, the answer may be here, and unread.
            Err(_) => match timeout(GRACE, call).await {
                Ok(result) => result,
                Err(_) => Err(TransientError::TimedOut(self.policy.attempt).into()),
            },
        }
    }

    /// Has the portal end tokens. It takes an access token for that which is good, so one that is not is renewed first.
    pub(crate) async fn end(&self, tokens: Tokens, expired: bool) -> Result<(), Failure> {
        if !expired {
            match self.log_out(&tokens).await {
                Err(Failure::Rejected(_)) => {}
                ended => return ended,
            }
        }
        match self.attempt(&TokenRequest::Refresh(tokens.refresh)).await {
            Ok(renewed) => self.log_out(&renewed).await,
            // Both tokens are dead already.
            Err(Failure::Rejected(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn log_out(&self, tokens: &Tokens) -> Result<(), Failure> {
        let call = self.endpoint.log_out(&tokens.access);
        let late = |_| Err(TransientError::TimedOut(self.policy.attempt).into());
        timeout(self.policy.attempt, call)
            .await
            .unwrap_or_else(late)
    }

    /// Tells what has changed, then callers that wait, then has the portal end tokens that will not be used.
    pub(crate) async fn settle(&self, coordinator: &Coordinator, effects: Effects) {
        for event in &effects.events {
            self.observer.tell(event);
        }
        if let Some(ending) = effects.ending {
            coordinator.tell(ending);
        }
        for tokens in effects.to_revoke {
            let failure = match self.end(tokens, false).await {
                Ok(()) => continue,
                Err(Failure::Transient(error)) => error,
                Err(Failure::Rejected(said)) => TransientError::Unreadable(said),
            };
            self.observer.tell(&SessionEvent::NotRevoked(failure));
        }
    }
}

/// How long an answer is looked for that a timeout has overtaken.
const GRACE: std::time::Duration = std::time::Duration::from_secs(1);
