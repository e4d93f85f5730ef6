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
    /// Another process held the store's lock for 25 seconds.
    #[error("another process has locked the session")]
    Locked,
    /// The store failed, so the portal was not asked. A token that is still good is handed out meanwhile.
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
            // A gateway that had no answer of the portal.
            Self::Unavailable { rejection, .. } => matches!(rejection.status.as_u16(), 502 | 504),
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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use http::StatusCode;

    use super::*;

    async fn unreachable(url: &str) -> TransientError {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let error = client.get(url).send().await.unwrap_err();
        TransientError::Unreachable(Arc::new(error))
    }

    #[tokio::test]
    async fn only_what_was_sent_and_not_answered_may_have_been_done() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || drop(listener.accept().unwrap()));
        let lost = unreachable(&url).await;
        thread.join().unwrap();
        let said = Rejection::bare(StatusCode::OK);
        let patience = Some(Duration::from_secs(17));
        let unavailable = |status| TransientError::Unavailable {
            rejection: Rejection::bare(status),
            retry_after: patience,
        };
        // Whether it may have been done, when to try again, whether the portal said something.
        for (error, unanswered, retry_after, says) in [
            (lost, true, None, false),
            // Nobody listens there any more.
            (unreachable(&url).await, false, None, false),
            (unreachable("http://").await, false, None, false),
            (TransientError::TimedOut(Duration::ZERO), true, None, false),
            (TransientError::Interrupted, true, None, false),
            (
                unavailable(StatusCode::SERVICE_UNAVAILABLE),
                false,
                patience,
                true,
            ),
            (
                unavailable(StatusCode::GATEWAY_TIMEOUT),
                true,
                patience,
                true,
            ),
            (TransientError::Unreadable(said), false, None, true),
            (TransientError::Locked, false, None, false),
            (TransientError::StoreUnavailable, false, None, false),
        ] {
            assert_eq!(error.is_unanswered(), unanswered, "{error:?}");
            assert_eq!(error.retry_after(), retry_after, "{error:?}");
            assert_eq!(error.rejection().is_some(), says, "{error:?}");
        }
    }
}
