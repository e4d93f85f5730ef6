//! What an exchange ends in, for the callers that wait for it.

use std::sync::Arc;

use tokio::sync::watch;

use super::snapshot::TokenSnapshot;
use crate::error::Error;

/// What an exchange ends in.
pub(crate) type Outcome = Result<Arc<TokenSnapshot>, Error>;

/// A caller that waits for the exchange in flight.
pub(crate) struct Waiter {
    pub(super) outcome: watch::Receiver<Option<Outcome>>,
    pub(crate) id: u64,
    /// Whether the caller has begun the exchange, and is to run it.
    pub(crate) begun: bool,
    pub(crate) wanted: Wanted,
}

/// What a caller wants of the exchange that it waits for. Where it does not get that, it asks again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Its outcome: it is the exchange that the caller needs.
    Outcome,
    /// Its success. Its failure says nothing about what the caller needs.
    Success,
    /// That it ends: another one is to follow.
    End,
}

impl Waiter {
    /// What the exchange ends in; `None` when it ends without a result.
    pub(crate) async fn outcome(&mut self) -> Option<Outcome> {
        let outcome = self.outcome.wait_for(Option::is_some).await.ok()?;
        outcome.clone()
    }

    /// What the caller has of this outcome; `None` where it is to ask again.
    pub(crate) fn takes(&self, outcome: Outcome) -> Option<Outcome> {
        match (self.wanted, &outcome) {
            (Wanted::Outcome, _) | (Wanted::Success, Ok(_)) => Some(outcome),
            (Wanted::Success, Err(_)) | (Wanted::End, _) => None,
        }
    }
}
