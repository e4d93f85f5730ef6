//! What a change of the session's state leads to, outside of it.

use super::outcome::Completion;
use crate::api::tokens::Tokens;
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
