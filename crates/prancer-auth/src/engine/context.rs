//! What exchanges and logouts need of the world, for as long as they take.

use std::sync::Arc;

use super::clock::Clock;
use super::coordinator::Coordinator;
use super::effects::Effects;
use super::observer::Observer;
use super::store_sync::StoreSync;
use super::timer::within;
use crate::api::client::TokenEndpoint;
use crate::api::tokens::{TokenRequest, Tokens};
use crate::api::transient_error::{Failure, TransientError};
use crate::event::SessionEvent;
use crate::lifecycle::{Now, Policy};

/// What exchanges and logouts need of the world, for as long as they take.
pub(crate) struct Context {
    pub(crate) endpoint: Arc<dyn TokenEndpoint>,
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
        let tokens = within(self.policy.attempt, self.endpoint.tokens(request)).await;
        tokens.unwrap_or_else(|| self.late())
    }

    /// Revokes tokens. The portal's logout needs a valid access token, so an expired one is refreshed first.
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
        let done = within(self.policy.attempt, self.endpoint.log_out(&tokens.access)).await;
        done.unwrap_or_else(|| self.late())
    }

    fn late<T>(&self) -> Result<T, Failure> {
        Err(TransientError::TimedOut(self.policy.attempt).into())
    }

    /// Releases the store, tells what has changed, then callers that wait, then has the portal end tokens that will not be used.
    pub(crate) async fn settle(&self, coordinator: &Coordinator, effects: Effects) {
        if let Some(lock) = effects.lock {
            lock.release().await;
        }
        for event in &effects.events {
            self.observer.tell(event);
        }
        if let Some(completion) = effects.completion {
            coordinator.tell(completion);
        }
        for tokens in effects.to_revoke {
            let failure = match self.end(tokens, false).await {
                Ok(()) => continue,
                Err(Failure::Transient(error)) => error,
                Err(Failure::Rejected(said)) => TransientError::Unreadable(said),
            };
            coordinator.update(|state| state.not_revoked = Some(Box::new(failure.clone())));
            self.observer.tell(&SessionEvent::NotRevoked(failure));
        }
    }
}
