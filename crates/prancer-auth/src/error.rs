//! What can go wrong, named for what the caller does next.

use std::time::Duration;

use prancer_auth_client::InvalidToken;

use crate::rejection::Rejection;

/// Why there is no token, or no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody has logged in, and the session holds no credentials: log in.
    #[error("not logged in")]
    NotLoggedIn,
    /// The session holds no credentials to log in with: give some.
    #[error("no credentials to log in with")]
    NoCredentials,
    /// The session was logged out: log in again, if that is wanted.
    #[error("logged out")]
    LoggedOut,
    /// The portal refused the refresh token, and the session holds no credentials: log in again.
    #[error("the session has expired: {0}")]
    SessionExpired(Rejection),
    /// The portal refused the credentials: give others. They are not tried again by themselves.
    #[error("the credentials were refused: {0}")]
    CredentialsRefused(Rejection),
    /// The portal refused the call itself: mend the call.
    #[error("the portal refused: {0}")]
    Refused(Rejection),
    /// The portal is in trouble or asks for patience: try later.
    #[error("the portal is unavailable: {rejection}")]
    Unavailable {
        /// What it said.
        rejection: Rejection,
        /// When it asked to be called again, from its answer on.
        retry_after: Option<Duration>,
    },
    /// The portal could not be reached, or its answer was lost: try again.
    #[error("the portal cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The portal answered something that is no answer: try later, and see whether the URL is that of a portal.
    #[error("the portal's answer cannot be understood: {0}")]
    Unreadable(Rejection),
    /// The request is not one for this portal: mend the path or the URL. No token was sent.
    #[error("`{0}` does not belong to this portal; a token goes nowhere else")]
    Foreign(String),
    /// The request could not be made of what was given: mend it.
    #[error("the request cannot be made")]
    InvalidRequest(#[source] reqwest::Error),
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up")]
    Http(#[source] reqwest::Error),
    /// The stored session is one of another portal: log in, or name that portal.
    #[error("the stored session belongs to {0}")]
    OtherPortal(String),
    /// A token is none that a header can carry.
    #[error("the portal handed out a token that cannot be used")]
    InvalidToken(#[from] InvalidToken),
}

impl Error {
    /// That a URL or a path is not of this portal, without what stands in its query.
    pub(crate) fn foreign(target: &str) -> Self {
        let end = target.find(['?', '#']).unwrap_or(target.len());
        Self::Foreign(target[..end].to_owned())
    }

    /// What an error of the HTTP client means for a request.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        if error.is_builder() {
            Self::InvalidRequest(error)
        } else {
            Self::Unreachable(error)
        }
    }

    /// The same, whose texts hold none of the secrets that were sent.
    pub(crate) fn without_secrets(self, sent: &[&str]) -> Self {
        match self {
            Self::Refused(rejection) => Self::Refused(rejection.without_secrets(sent)),
            Self::Unreadable(rejection) => Self::Unreadable(rejection.without_secrets(sent)),
            Self::Unavailable {
                rejection,
                retry_after,
            } => Self::Unavailable {
                rejection: rejection.without_secrets(sent),
                retry_after,
            },
            other => other,
        }
    }
}
