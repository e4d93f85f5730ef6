//! What follows a change of the session's state is done: a lock released, everybody told, unused tokens ended.

use super::coordinator::Coordinator;
use super::effects::Effects;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::error::Error;
use crate::event::SessionEvent;

impl Coordinator {
    /// Everything that follows from a change.
    pub(super) async fn settle(&self, effects: Effects) {
        let to_revoke = self.tell_of(effects).await;
        self.revoke(to_revoke).await;
    }

    /// Releases the store, and tells what has changed: first the program, then callers that wait. Returns the tokens that are to be ended
    /// after that.
    pub(super) async fn tell_of(&self, mut effects: Effects) -> Vec<Tokens> {
        for (exchange, _) in &mut effects.ended {
            if let Some(lock) = exchange.lock.take() {
                lock.release().await;
            }
        }
        for event in &effects.events {
            self.context.observer.tell(event);
        }
        for (exchange, result) in effects.ended {
            self.tell(exchange, result);
        }
        effects.to_revoke
    }

    /// Has the portal end tokens that will not be used, and tells where that fails.
    pub(super) async fn revoke(&self, tokens: Vec<Tokens>) {
        for tokens in tokens {
            if let Err(failure) = self.context.revoke(tokens, false).await {
                self.tell_not_revoked(failure);
            }
        }
    }

    /// Tells why a logout failed whose caller has gone away.
    pub(super) fn tell_unheard(&self, error: Error) {
        match error {
            Error::LogoutFailed(error) => self.tell_not_revoked(error.into()),
            Error::LogoutRejected(said) => self.tell_not_revoked(Failure::Rejected(said)),
            // A store that fails is told where it does.
            _ => {}
        }
    }

    fn tell_not_revoked(&self, failure: Failure) {
        let error = match failure {
            Failure::Transient(error) => error,
            Failure::Rejected(said) => TransientError::Unreadable(said),
        };
        self.update(|state| state.not_revoked = Some(Box::new(error.clone())));
        let observer = &self.context.observer;
        observer.tell(&SessionEvent::NotRevoked(error));
    }
}
