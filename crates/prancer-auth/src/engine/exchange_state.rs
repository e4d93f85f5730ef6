//! What a session knows of its exchange in flight, besides what the lifecycle does.

use std::sync::Arc;

use tokio::sync::watch;

use super::outcome::Outcome;
use super::snapshot::TokenSnapshot;
use crate::api::tokens::TokenRequest;
use crate::error::Error;
use crate::lifecycle::Now;
use crate::settings::credentials::Credentials;
use crate::store::StoreLock;

/// What the lifecycle does not know of an exchange. It ends with the exchange, and nothing of it is left behind.
pub(crate) struct ExchangeState {
    /// The store's lock. It is here, and not in the exchange's task, so that another exchange can release it when that task is not run any
    /// more. The first field, so that it is dropped before callers see the sender go.
    pub(super) lock: Option<StoreLock>,
    /// If it goes without a result, callers that wait try again.
    pub(super) outcome: watch::Sender<Option<Outcome>>,
    /// Credentials that are tried, and held once they have brought tokens.
    pub(super) candidate: Option<Credentials>,
    pub(super) started_ms: u64,
}

impl ExchangeState {
    /// Tells callers that wait. If the token is gone already they are told nothing, and try again.
    pub(super) fn tell(self, result: Result<(), Error>, token: Option<Arc<TokenSnapshot>>) {
        let outcome = match result {
            Ok(()) => token.map(Ok),
            Err(error) => Some(Err(error)),
        };
        if let Some(outcome) = outcome {
            self.outcome.send_replace(Some(outcome));
        }
    }
}

/// The next request of an exchange, and the state that it is based on.
pub(crate) struct Attempt {
    /// Which exchange it belongs to.
    pub(super) id: u64,
    /// When it begins.
    pub(super) since: Now,
    pub(crate) request: TokenRequest,
    /// The token that is to be renewed.
    pub(super) serial: u64,
    /// The login that a refresh belongs to, where that is known.
    pub(super) login: Option<u64>,
}
