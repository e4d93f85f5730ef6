//! The tokens of a session, and what is asked of the portal to get them.

use http::HeaderValue;
use prancer_auth_client::{AccessToken, InvalidToken, RefreshToken};

use crate::lifecycle::Identity;
use crate::settings::credentials::Credentials;

/// The tokens of a session, and the header that carries the access token.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    /// Which login they come of, where that is known.
    pub(crate) login: Option<u64>,
    pub(crate) access: AccessToken,
    pub(crate) refresh: RefreshToken,
    pub(crate) header: HeaderValue,
}

impl Tokens {
    /// Fails for tokens that no header can carry.
    pub(crate) fn new(access: AccessToken, refresh: RefreshToken) -> Result<Self, InvalidToken> {
        refresh.bearer()?;
        Ok(Self {
            login: None,
            header: access.bearer()?,
            access,
            refresh,
        })
    }
}

/// What is asked of the portal, and with what.
#[derive(Debug, Clone)]
pub(crate) enum TokenRequest {
    LogIn(Credentials),
    Refresh(RefreshToken),
}

impl TokenRequest {
    pub(crate) fn is_login(&self) -> bool {
        matches!(self, Self::LogIn(_))
    }

    /// The operation of the document.
    pub(crate) fn operation(&self) -> &'static str {
        match self {
            Self::LogIn(_) => "login",
            Self::Refresh(_) => "refresh",
        }
    }

    /// Whose tokens a login brings; `None` for a refresh, which brings those of the same session.
    pub(crate) fn identity_at(&self, portal: &str) -> Option<Identity> {
        match self {
            Self::LogIn(credentials) => Some(credentials.identity_at(portal)),
            Self::Refresh(_) => None,
        }
    }
}
