//! What can go wrong, named for what the caller does next.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use prancer_auth_client::InvalidToken;

use crate::api::plain_text::plain_url;
use crate::api::plain_time::PlainTime;
use crate::api::rejection::Rejection;
use crate::api::transient_error::TransientError;
use crate::lifecycle::Identity;
use crate::settings::endpoint::NoEndpoint;
use crate::store::StoreError;

/// Why there is no token, or no response. It holds what the portal said, without the tokens and passwords that were
/// sent.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There was no login, and the session holds no credentials: log in.
    #[error("not logged in")]
    NotLoggedIn,
    /// The session holds no credentials to log in with: give some.
    #[error("no credentials to log in with")]
    NoCredentials,
    /// The session was logged out: log in again to go on.
    #[error("logged out")]
    LoggedOut,
    /// The portal rejected the refresh token, and the session holds no credentials: log in again.
    #[error("the session has expired: {0}")]
    SessionExpired(Rejection),
    /// The portal rejected the credentials: give others. The session does not send them again by itself.
    #[error("the portal rejected the credentials: {0}")]
    CredentialsRejected(Rejection),
    /// The last exchange failed; the next attempt is allowed after `retry_in`. Until then this error is returned without a request.
    #[error("{source}; the next try is in {}", rounded_up(*retry_in))]
    TryLater {
        /// Why it failed.
        source: TransientError,
        /// How long until the session may ask the portal again.
        retry_in: Duration,
    },
    /// The call (for a token, a login, a logout or `settled`) took longer than
    /// [`SessionBuilder::deadline`](crate::SessionBuilder::deadline). Its work goes on: try again.
    #[error("no answer within {}", PlainTime(*_0))]
    DeadlineExceeded(Duration),
    /// Neither this token nor a renewal is valid for so long: ask for a shorter time, or call
    /// [`Session::login`](crate::Session::login), whose token lives up to 7 days. [`Session::token`](crate::Session::token) still returns a
    /// valid one.
    #[error("no renewal is valid for {}; this token is valid for {}", PlainTime(*asked), PlainTime(*left))]
    ShortLived {
        /// How long the token should have been valid.
        asked: Duration,
        /// How long the best available token is valid.
        left: Duration,
    },
    /// The tokens are forgotten here, but the portal could not be told: they stay valid there until they expire. Calling `logout` again does not
    /// end them.
    #[error(
        "logged out locally; the portal could not be told, so its tokens stay valid until they expire: {0}"
    )]
    LogoutFailed(#[source] TransientError),
    /// The tokens are forgotten here, but the portal rejected the logout.
    #[error("logged out locally, but the portal rejected the logout: {0}")]
    LogoutRejected(Rejection),
    /// The request does not go to this portal: correct the path or the URL. The token was not sent.
    #[error("{0} is not on this portal; the token was not sent")]
    NotThisPortal(String),
    /// Servers may read this path in different ways (a backslash, an encoded dot, `..;`), and the token could go to the
    /// wrong place: write the path plainly. Nothing was sent.
    #[error("the path of {0} can be read in more than one way; the token was not sent")]
    AmbiguousPath(String),
    /// No response came, or not the whole body of an envelope, within
    /// [`SessionBuilder::request_timeout`](crate::SessionBuilder::request_timeout): try again, or allow more time. A request with its own
    /// timeout fails with [`Self::Unreachable`].
    #[error("no response within {}", PlainTime(*_0))]
    TimedOut(Duration),
    /// The response is larger than [`RequestBuilder::envelope`](crate::RequestBuilder::envelope) reads: read it piece by piece, or
    /// allow for more. The limit is in bytes.
    #[error("the response is larger than {0} bytes")]
    TooLarge(usize),
    /// The request is not valid: correct it.
    #[error("the request is not valid")]
    InvalidRequest(#[source] Arc<reqwest::Error>),
    /// No response came, the body was cut off, there were too many redirects, or the request's own timeout passed: try again.
    #[error("the portal cannot be reached")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// An API rejected a request, or failed. Its status and its message tell which.
    #[error("the portal rejected the request: {0}")]
    Rejected(Rejection),
    /// An API rejected the token, and it could not be renewed.
    #[error("the portal rejected the token: {response}; it could not be renewed: {source}")]
    NotRenewed {
        /// What the API said.
        response: Rejection,
        /// Why there is no other token.
        source: Box<Error>,
    },
    /// The response of an API is not what was expected.
    #[error("the response is not one of the portal: {0}")]
    Unreadable(Rejection),
    /// The HTTP client could not be set up.
    #[error("the HTTP client cannot be set up")]
    HttpClient(#[source] Arc<reqwest::Error>),
    /// There is no tokio runtime here: call from within one, or use the blocking session.
    #[error("there is no tokio runtime here")]
    NoRuntime,
    /// The stored session, or the one that was asked for, belongs to another portal: log in, or name that portal.
    #[error("the session belongs to {0}")]
    OtherPortal(String),
    /// The stored session, or the one that was asked for, belongs to another customer: log in, or use another store.
    #[error("the session belongs to the customer {0}")]
    OtherCustomer(String),
    /// The stored session, or the one that was asked for, belongs to another user: log in, or use another store.
    #[error("the session belongs to the user {0}")]
    OtherUser(String),
    /// The session could not be read from its store, or a change, such as a logout, could not be saved there.
    #[error(transparent)]
    Store(StoreError),
    /// The stored session holds a token with characters that a header cannot hold: log in.
    #[error("the stored session cannot be used")]
    StoredToken(#[from] InvalidToken),
}

impl Error {
    /// Whether only a login helps: with credentials if the session has none, or with other credentials. If the stored session
    /// belongs to another user, the login replaces it.
    pub fn needs_login(&self) -> bool {
        match self {
            Self::NotRenewed { source, .. } => source.needs_login(),
            Self::NotLoggedIn
            | Self::NoCredentials
            | Self::LoggedOut
            | Self::SessionExpired(_)
            | Self::CredentialsRejected(_)
            | Self::OtherPortal(_)
            | Self::OtherCustomer(_)
            | Self::OtherUser(_)
            | Self::StoredToken(_) => true,
            _ => false,
        }
    }

    /// Whether the same call may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::NotRenewed { source, .. } => source.is_transient(),
            Self::Rejected(said) => matches!(said.status.as_u16(), 429 | 500..),
            Self::TryLater { .. }
            | Self::DeadlineExceeded(_)
            | Self::Unreachable(_)
            | Self::TimedOut(_)
            | Self::HttpClient(_)
            | Self::Store(StoreError::Unavailable { .. } | StoreError::Conflict) => true,
            _ => false,
        }
    }

    /// What the portal said, where it said something.
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::SessionExpired(said)
            | Self::CredentialsRejected(said)
            | Self::LogoutRejected(said)
            | Self::Rejected(said)
            | Self::Unreadable(said)
            | Self::NotRenewed { response: said, .. } => Some(said),
            Self::TryLater { source, .. } | Self::LogoutFailed(source) => source.rejection(),
            _ => None,
        }
    }

    /// The HTTP status of the response that caused the error, where there is one.
    pub fn status(&self) -> Option<StatusCode> {
        self.rejection().map(|said| said.status)
    }

    /// That a stored session is `theirs`, and not `ours`.
    pub(crate) fn of_another(ours: &Identity, theirs: &Identity) -> Self {
        let known = |part: &Option<String>| part.clone().unwrap_or_default();
        if ours.portal != theirs.portal {
            Self::OtherPortal(theirs.portal.clone())
        } else if ours.matches_customer(theirs) {
            Self::OtherUser(known(&theirs.email))
        } else {
            Self::OtherCustomer(known(&theirs.customer_id))
        }
    }

    /// Why a token may not go to a URL or a path.
    pub(crate) fn no_endpoint(target: &str, why: NoEndpoint) -> Self {
        let target = plain_url(target);
        match why {
            NoEndpoint::Foreign => Self::NotThisPortal(target),
            NoEndpoint::Ambiguous => Self::AmbiguousPath(target),
        }
    }

    /// What an error of the HTTP client means for a request.
    pub(crate) fn of_request(error: reqwest::Error) -> Self {
        // Its query is the caller's, and may hold secrets.
        let error = error.without_url();
        if error.is_builder() {
            Self::InvalidRequest(Arc::new(error))
        } else {
            Self::Unreachable(Arc::new(error))
        }
    }
}

/// In whole seconds: who waits so long does not come too early.
fn rounded_up(time: Duration) -> PlainTime {
    let part = u64::from(time.subsec_nanos() > 0);
    PlainTime(Duration::from_secs(time.as_secs().saturating_add(part)))
}
