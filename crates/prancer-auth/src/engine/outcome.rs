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
    /// Whether it is not the exchange that this caller needs: its failure is ignored.
    pub(crate) unrelated: bool,
}

impl Waiter {
    /// What the exchange ends in; `None` when it ends without a result.
    pub(crate) async fn outcome(&mut self) -> Option<Outcome> {
        let outcome = self.outcome.wait_for(Option::is_some).await.ok()?;
        outcome.clone()
    }
}

/// The result of an exchange before it is sent. If it is dropped unsent, waiting callers try again.
#[must_use]
pub(crate) struct Completion {
    pub(super) outcome: watch::Sender<Option<Outcome>>,
    pub(super) result: Result<(), Error>,
}

impl Completion {
    /// Tells callers that wait. If the token is gone already they are told nothing, and try again.
    pub(crate) fn tell(self, token: Option<Arc<TokenSnapshot>>) {
        let outcome = match self.result {
            Ok(()) => token.map(Ok),
            Err(error) => Some(Err(error)),
        };
        if let Some(outcome) = outcome {
            self.outcome.send_replace(Some(outcome));
        }
    }
}
