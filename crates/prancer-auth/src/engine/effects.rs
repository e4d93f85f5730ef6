//! What a change of the session's state leads to, outside of it.

use super::exchange_state::ExchangeState;
use crate::api::tokens::Tokens;
use crate::error::Error;
use crate::event::SessionEvent;

/// What a change of the session's state leads to.
#[derive(Default)]
#[must_use]
pub(crate) struct Effects {
    /// Exchanges that are over, and the result of each. Locks are released before anybody hears of that; callers hear of it after the
    /// program.
    pub(crate) ended: Vec<(ExchangeState, Result<(), Error>)>,
    /// What is told to the program and the log.
    pub(crate) events: Vec<SessionEvent>,
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
        self.ended.extend(other.ended);
    }
}
