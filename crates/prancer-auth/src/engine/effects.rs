//! What a change of the session's state leads to, outside of it.

use super::outcome::Completion;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::engine::coordinator::Coordinator;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::store::StoreLock;

/// What a change of the session's state leads to, in this order.
#[derive(Default)]
#[must_use]
pub(crate) struct Effects {
    /// The store's lock of an exchange that was cancelled: it is released before anybody hears of that.
    pub(crate) lock: Option<StoreLock>,
    /// What is told to the program and the log.
    pub(crate) events: Vec<SessionEvent>,
    /// What is told to callers that wait for an exchange.
    pub(crate) completion: Option<Completion>,
    /// Tokens that will not be used: the portal is to end them.
    pub(crate) to_revoke: Vec<Tokens>,
}

impl Effects {
    pub(crate) fn event(event: SessionEvent) -> Self {
        Self {
            events: vec![event],
            ..Self::default()
        }
    }

    pub(crate) fn revoke(tokens: impl IntoIterator<Item = Tokens>) -> Self {
        Self {
            to_revoke: tokens.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Adds what follows.
    pub(crate) fn then(&mut self, other: Self) {
        self.events.extend(other.events);
        self.to_revoke.extend(other.to_revoke);
        self.lock = self.lock.take().or(other.lock);
        self.completion = self.completion.take().or(other.completion);
    }
}

impl Coordinator {
    /// Everything that follows from a change.
    pub(super) async fn settle(&self, effects: Effects) {
        let to_revoke = self.tell_of(effects).await;
        self.revoke(to_revoke).await;
    }

    /// Releases the store, and tells what has changed: first the program, then callers that wait. Returns the tokens that are to be ended
    /// after that.
    pub(super) async fn tell_of(&self, effects: Effects) -> Vec<Tokens> {
        if let Some(lock) = effects.lock {
            lock.release().await;
        }
        for event in &effects.events {
            self.context.observer.tell(event);
        }
        if let Some(completion) = effects.completion {
            self.tell(completion);
        }
        effects.to_revoke
    }

    /// Has the portal end tokens that will not be used, and tells where that fails.
    pub(super) async fn revoke(&self, tokens: Vec<Tokens>) {
        for tokens in tokens {
            match self.context.revoke(tokens, false).await {
                Ok(()) => {}
                Err(Failure::Transient(error)) => self.tell_not_revoked(error),
                Err(Failure::Rejected(said)) => {
                    self.tell_not_revoked(TransientError::Unreadable(said));
                }
            }
        }
    }

    /// Tells why a logout failed whose caller has gone away.
    pub(super) fn tell_unheard(&self, error: Error) {
        match error {
            Error::LogoutFailed(error) => self.tell_not_revoked(error),
            Error::LogoutRejected(said) => self.tell_not_revoked(TransientError::Unreadable(said)),
            // A store that fails is told where it does.
            _ => {}
        }
    }

    fn tell_not_revoked(&self, failure: TransientError) {
        self.update(|state| state.not_revoked = Some(Box::new(failure.clone())));
        let observer = &self.context.observer;
        observer.tell(&SessionEvent::NotRevoked(failure));
    }
}
