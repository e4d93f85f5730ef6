//! What can go wrong, named for what the caller does next.

use std::sync::Arc;
use std::time::Duration;

use prancer_auth_client::InvalidToken;

use crate::rejection::Rejection;
use crate::store::StoreError;
use crate::trouble::Trouble;

/// Why there is no token, or no answer. What the portal said is kept without the tokens and passwords that were sent.
#[derive(Debug, Clone, thiserror::Error)]
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
    /// The portal is in trouble: come again when so much time has passed. Before that, this error comes back at once, and nothing is
    /// asked of the portal.
    #[error("{trouble}; the next try is in {} s", retry_in.as_secs_f32().ceil())]
    TryLater {
        /// What the trouble is.
        #[source]
        trouble: Trouble,
        /// When the session will ask the portal again, from now on.
        retry_in: Duration,
    },
    /// There was no answer within the session's deadline: come again. What is under way goes on.
    #[error("no answer within {} s", _0.as_secs_f32())]
    DeadlineExceeded(Duration),
    /// The portal was in trouble when it should have ended the session. The tokens are forgotten here.
    #[error("the session is forgotten here, but the portal has not ended it: {0}")]
    LogoutFailed(#[source] Trouble),
    /// The portal refused to end the session. The tokens are forgotten here.
    #[error("the session is forgotten here, but the portal refused to end it: {0}")]
    LogoutRefused(Rejection),
    /// The request is not one for this portal: mend the path or the URL. No token was sent.
    #[error("`{0}` does not belong to this portal; a token goes nowhere else")]
    Foreign(String),
    /// The request could not be made of what was given: mend it.
    #[error("the request cannot be made")]
    InvalidRequest(#[source] Arc<reqwest::Error>),
    /// A request had no answer: try again.
    #[error("the portal cannot be reached")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// The portal refused a call, or failed it: what it said tells which.
    #[error("the portal did not do it: {0}")]
    Refused(Rejection),
    /// The portal answered a call with something that is not what was expected.
    #[error("the portal's answer cannot be understood: {0}")]
    Unreadable(Rejection),
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up")]
    HttpClient(#[source] Arc<reqwest::Error>),
    /// There is no tokio runtime here: call from within one, or use the blocking session.
    #[error("there is no tokio runtime here")]
    NoRuntime,
    /// The stored session is one of another portal: log in, or name that portal.
    #[error("the stored session belongs to {0}")]
    OtherPortal(String),
    /// The stored session is one of another user: log in, or use another store.
    #[error("the stored session belongs to the user {0}")]
    OtherUser(String),
    /// The session could not be loaded, or a logout could not be kept.
    #[error(transparent)]
    Store(StoreError),
    /// The stored session holds a token that no header can carry: log in.
    #[error("the stored session cannot be used")]
    StoredToken(#[from] InvalidToken),
}

impl Error {
    /// That a URL or a path is not of this portal, without what stands in its query.
    pub(crate) fn foreign(target: &str) -> Self {
        // Nor does anybody want to see a user name and a password.
        let target = match target
            .split_once("://")
            .map(|(scheme, rest)| (scheme, rest.rsplit_once('@')))
        {
            Some((scheme, Some((_, rest)))) => &format!("{scheme}://{rest}"),
            _ => target,
        };
        let end = target.find(['?', '#']).unwrap_or(target.len());
        Self::Foreign(target[..end].to_owned())
    }

    /// What an error of the HTTP client means for a request.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        // Its query is the caller's, and may hold what is not to be shown.
        let error = error.without_url();
        if error.is_builder() {
            Self::InvalidRequest(Arc::new(error))
        } else {
            Self::Unreachable(Arc::new(error))
        }
    }
}
