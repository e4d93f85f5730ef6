//! What has changed in a session.

use crate::rejection::Rejection;
use crate::store::StoreError;
use crate::trouble::Trouble;

/// What has changed in a session; [`SessionBuilder::on_change`](crate::SessionBuilder::on_change) tells of each, before anybody who
/// waited for it goes on. What a logout overtakes may be told after it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Change {
    /// A login brought tokens.
    LoggedIn,
    /// A refresh brought tokens.
    Renewed,
    /// An exchange failed for now. A token that is still good goes on being handed out.
    Failed(Trouble),
    /// The portal refused the refresh token.
    SessionExpired(Rejection),
    /// The portal refused the credentials.
    CredentialsRefused(Rejection),
    /// Another process has logged in, or renewed: its tokens are used from now on.
    Adopted,
    /// The store is away, or what it keeps cannot be read. The session goes on for this process alone, and is kept when the store is back.
    StoreFailed(StoreError),
    /// Somebody logged out, here or in another process.
    LoggedOut,
}
