//! Why an exchange with the portal failed temporarily.

use std::sync::Arc;
use std::time::Duration;

use super::plain_time::PlainTime;
use super::rejection::Rejection;

/// Why an exchange with the portal failed temporarily. No text of it holds a secret.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum TransientError {
    /// The portal could not be reached, or its answer was lost on the way.
    #[error("the portal cannot be reached")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// The portal took too long.
    #[error("the portal did not answer within {}", PlainTime(*_0))]
    TimedOut(Duration),
    /// The portal is overloaded or down: HTTP status 429 or 5xx, or it asks to be called again later.
    #[error("the portal is unavailable: {rejection}")]
    Unavailable {
        /// What it said.
        rejection: Rejection,
        /// How long after its answer the portal wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The response is not one of the portal; perhaps the URL is not that of a portal.
    #[error("the response is not one of the portal: {0}")]
    Unreadable(Rejection),
    /// The token expired before its response arrived.
    #[error("the access token had expired when it arrived")]
    ExpiredOnArrival,
    /// The task of the exchange ended before the answer came, for example because its runtime ended.
    #[error("the exchange with the portal was interrupted")]
    Interrupted,
    /// Another process holds the lock of the store, and does not release it.
    #[error("another process has locked the session")]
    Locked,
    /// The store failed, so a renewal could not be shared. Callers still get a token that is good.
    #[error("the store of the session is unavailable")]
    StoreUnavailable,
}

impl TransientError {
    /// What the portal said, where it said something.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Unavailable { rejection, .. } | Self::Unreadable(rejection) => Some(rejection),
            _ => None,
        }
    }

    /// Whether the store failed, and the portal was not asked.
    pub(crate) fn is_at_store(&self) -> bool {
        matches!(self, Self::Locked | Self::StoreUnavailable)
    }

    /// Whether the portal may have done what was asked although no answer of it came.
    pub(crate) fn is_unanswered(&self) -> bool {
        match self {
            Self::Unreachable(error) => !error.is_connect() && !error.is_builder(),
            Self::TimedOut(_) | Self::Interrupted => true,
            _ => false,
        }
    }

    /// When the portal wants to be asked again at the earliest, from now on, where it said so.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// Why an exchange brought nothing.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// The portal rejected it.
    Rejected(Rejection),
    /// It may work another time.
    Transient(TransientError),
}

impl From<TransientError> for Failure {
    fn from(error: TransientError) -> Self {
        Self::Transient(error)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Transient(TransientError::Unreachable(Arc::new(error)))
    }
}

impl Failure {
    pub(crate) fn unreadable(rejection: Rejection) -> Self {
        Self::Transient(TransientError::Unreadable(rejection))
    }
}
