//! What a session knows of its exchange in flight, besides what the lifecycle does.

use std::time::Duration;

use tokio::sync::watch;

use super::outcome::{Completion, Outcome};
use crate::api::tokens::TokenRequest;
use crate::error::Error;
use crate::settings::credentials::Credentials;

/// What the lifecycle does not know of an exchange. It ends with the exchange, and nothing of it is left behind.
pub(super) struct ExchangeState {
    pub(super) outcome: watch::Sender<Option<Outcome>>,
    /// Credentials that are tried, and held once they have brought tokens.
    pub(super) candidate: Option<Credentials>,
    /// What the exchange ends in, once that is known.
    pub(super) result: Result<(), Error>,
    pub(super) started_ms: u64,
}

impl ExchangeState {
    pub(super) fn ends(self) -> Completion {
        Completion {
            outcome: self.outcome,
            result: self.result,
        }
    }
}

/// The next request of an exchange, and the state that it is based on.
pub(crate) struct Attempt {
    pub(crate) pause: Duration,
    pub(crate) request: TokenRequest,
    /// The token that is to be renewed.
    pub(super) serial: u64,
    pub(super) chain: u64,
    /// The login that a refresh belongs to, where that is known.
    pub(super) login: Option<u64>,
}
