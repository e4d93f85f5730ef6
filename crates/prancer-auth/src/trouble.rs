//! What makes an exchange with the portal fail for now.

use std::sync::Arc;
use std::time::Duration;

use crate::rejection::Rejection;

/// Why an exchange with the portal failed for now. No text of it holds a secret.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Trouble {
    /// The portal could not be reached, or its answer was lost on the way.
    #[error("the portal cannot be reached")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// The portal took too long.
    #[error("the portal did not answer within {} s", _0.as_secs_f32())]
    TimedOut(Duration),
    /// The portal says that it is in trouble, or asks for patience: HTTP status 429 or 5xx.
    #[error("the portal is unavailable: {rejection}")]
    Unavailable {
        /// What it said.
        rejection: Rejection,
        /// When it asked to be called again, from its answer on.
        retry_after: Option<Duration>,
    },
    /// The portal answered something that is no answer; perhaps the URL is not that of a portal.
    #[error("the portal's answer cannot be understood: {0}")]
    Unreadable(Rejection),
    /// The task that asked ended before the answer came, with its runtime for example.
    #[error("the exchange with the portal was interrupted")]
    Interrupted,
}

impl Trouble {
    /// When the portal asked to be called again.
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
    /// The portal does not want to.
    Refused(Rejection),
    /// It may want to another time.
    Trouble(Trouble),
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::unreachable(Arc::new(error))
    }
}

impl Failure {
    pub(crate) fn unreachable(error: Arc<reqwest::Error>) -> Self {
        Self::Trouble(Trouble::Unreachable(error))
    }

    pub(crate) fn unreadable(rejection: Rejection) -> Self {
        Self::Trouble(Trouble::Unreadable(rejection))
    }

    /// The same, whose texts hold none of the secrets that were sent.
    pub(crate) fn without_secrets(self, sent: &[&str]) -> Self {
        match self {
            Self::Refused(rejection) => Self::Refused(rejection.without_secrets(sent)),
            Self::Trouble(Trouble::Unreadable(rejection)) => {
                Self::unreadable(rejection.without_secrets(sent))
            }
            Self::Trouble(Trouble::Unavailable {
                rejection,
                retry_after,
            }) => Self::Trouble(Trouble::Unavailable {
                rejection: rejection.without_secrets(sent),
                retry_after,
            }),
            other => other,
        }
    }
}
