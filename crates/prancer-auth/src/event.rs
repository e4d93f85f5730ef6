//! What happened to a session.

use std::fmt;

use crate::api::rejection::Rejection;
use crate::api::transient_error::TransientError;
use crate::store::StoreError;

/// What happened to a session. [`SessionBuilder::on_event`](crate::SessionBuilder::on_event) is called with each event, before any
/// caller that waited for it goes on; events of an exchange that a logout has cancelled may follow [`LoggedOut`](Self::LoggedOut).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum SessionEvent {
    /// A login brought tokens.
    LoggedIn,
    /// A refresh brought tokens.
    Renewed,
    /// An exchange failed temporarily. A token that is still good continues to be used.
    ExchangeFailed(TransientError),
    /// The portal rejected the refresh token.
    SessionExpired(Rejection),
    /// The portal rejected the credentials.
    CredentialsRejected(Rejection),
    /// Another process has logged in, or renewed: its tokens are used from now on.
    Adopted,
    /// The store failed, or its content cannot be read. Changes are not shared until the store answers again; then they are
    /// saved.
    StoreFailed(StoreError),
    /// Tokens that came too late, were replaced, or were issued by a login whose response was lost could not be ended at the portal: they
    /// stay valid until they expire.
    NotRevoked(TransientError),
    /// The session was logged out, here or in another process.
    LoggedOut,
}

impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LoggedIn => f.write_str("logged in"),
            Self::Renewed => f.write_str("renewed the access token"),
            Self::ExchangeFailed(error) => write!(f, "the exchange failed for now: {error}"),
            Self::SessionExpired(said) => {
                write!(f, "the portal rejected the refresh token: {said}")
            }
            Self::CredentialsRejected(said) => {
                write!(f, "the portal rejected the credentials: {said}")
            }
            Self::Adopted => f.write_str("adopted the session of another process"),
            Self::StoreFailed(error) => write!(
                f,
                "the store failed; the session is not shared for now: {error}"
            ),
            Self::NotRevoked(error) => {
                write!(f, "unused tokens could not be ended at the portal: {error}")
            }
            Self::LoggedOut => f.write_str("logged out"),
        }
    }
}
