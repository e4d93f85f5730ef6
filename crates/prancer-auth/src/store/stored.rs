//! A session as it is stored: a type of its own, apart from the one in memory.

use std::time::{Duration, SystemTime};

use prancer_auth_client::{AccessToken, RefreshToken};
use serde::{Deserialize, Serialize};

use crate::api::jwt;
use crate::lifecycle::Identity;

/// A session that another process can continue, or the marker of a logout.
///
/// It holds both tokens: store it where only its owner reads it, as every [`SessionStore`](super::SessionStore) of this crate does.
/// [`Self::to_json`] and [`Self::from_json`] are its written form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSession {
    /// A number, from 1 on, that orders the sessions of one store: the greater one is later.
    pub generation: u64,
    /// Whose session it is.
    pub identity: Identity,
    /// The tokens; `None` after a logout, and where there is only a rejection.
    pub tokens: Option<StoredTokens>,
    /// The logout that ended the session, never together with tokens. It stays in the store, so that no late renewal
    /// brings the session back.
    pub logout: Option<StoredLogout>,
    /// Set if the portal has rejected the credentials of this identity, so that other sessions do not send them too.
    pub rejected: Option<StoredRejection>,
    /// Set if the portal has rejected the refresh token: only a login brings another access token.
    pub refresh_rejected: Option<StoredRejection>,
}

/// The tokens of a stored session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredTokens {
    /// The access token.
    pub access_token: AccessToken,
    /// The refresh token.
    pub refresh_token: RefreshToken,
    /// When the access token was asked for, in milliseconds since 1970.
    pub issued_at_ms: u64,
    /// How long the access token lives from then on, in milliseconds.
    pub lifetime_ms: u64,
    /// Which login they come of: a random number that refreshes leave as it is. `None` where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<u64>,
}

/// When a session was logged out, and how long that must be remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredLogout {
    /// When the logout was made, in milliseconds since 1970; 0 where that is not known.
    pub at_ms: u64,
    /// Until when the logout must be remembered, in milliseconds since 1970: longer than every token that it ended is
    /// valid. [`u64::MAX`] if that is not known.
    pub until_ms: u64,
}

/// What the portal said when it rejected the credentials or the refresh token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredRejection {
    /// When it was, in milliseconds since 1970.
    pub at_ms: u64,
    /// The HTTP status.
    pub status: u16,
    /// What it said, without secrets.
    pub message: String,
}

impl StoredSession {
    /// A session of this identity, of generation 1.
    pub fn new(identity: Identity, tokens: StoredTokens) -> Self {
        Self {
            tokens: Some(tokens),
            ..Self::empty(identity)
        }
    }

    /// The marker of a logout of this identity, of generation 1.
    pub fn logged_out(identity: Identity, logout: StoredLogout) -> Self {
        Self {
            logout: Some(logout),
            ..Self::empty(identity)
        }
    }

    /// Neither a session nor a logout, of generation 1.
    pub(crate) fn empty(identity: Identity) -> Self {
        Self {
            generation: 1,
            identity,
            tokens: None,
            logout: None,
            rejected: None,
            refresh_rejected: None,
        }
    }

    /// The same with another generation.
    #[must_use]
    pub fn with_generation(self, generation: u64) -> Self {
        Self { generation, ..self }
    }
}

impl StoredTokens {
    /// Tokens that were asked for at `issued_at`; the access token lives for `lifetime` from then on.
    pub fn new(
        access_token: AccessToken,
        refresh_token: RefreshToken,
        issued_at: SystemTime,
        lifetime: Duration,
    ) -> Self {
        Self {
            access_token,
            refresh_token,
            issued_at_ms: since_1970(issued_at),
            lifetime_ms: milliseconds(lifetime),
            login: None,
        }
    }

    /// When the access token expires, by the clock of the machine that asked for it.
    pub fn expires_at(&self) -> SystemTime {
        let end = Duration::from_millis(self.issued_at_ms.saturating_add(self.lifetime_ms));
        let end = SystemTime::UNIX_EPOCH.checked_add(end);
        end.unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// When the refresh token expires, if the token itself says so.
    pub fn refresh_token_expires_at(&self) -> Option<SystemTime> {
        let times = jwt::times(self.refresh_token.expose())?;
        SystemTime::UNIX_EPOCH.checked_add(times.expires_at)
    }
}

impl StoredLogout {
    /// One of which neither time is known, since an earlier version wrote it.
    pub(crate) const UNKNOWN: Self = Self {
        at_ms: 0,
        until_ms: u64::MAX,
    };

    /// A logout that was made at `at`, and must be remembered until `until`.
    pub fn new(at: SystemTime, until: SystemTime) -> Self {
        Self {
            at_ms: since_1970(at),
            until_ms: since_1970(until),
        }
    }
}

pub(super) fn since_1970(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    milliseconds(since.unwrap_or_default())
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};

    use super::*;

    #[test]
    fn a_refresh_token_tells_its_end_where_it_is_a_jwt() {
        let end = |refresh: &str| {
            let (access, refresh) = ("access".into(), refresh.into());
            let tokens = StoredTokens::new(access, refresh, SystemTime::now(), Duration::ZERO);
            tokens.refresh_token_expires_at()
        };
        let claims = BASE64_URL_SAFE_NO_PAD.encode(r#"{"exp":1000}"#);
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        assert_eq!(end(&format!("e30.{claims}.x")), Some(expected));
        assert_eq!(end("opaque"), None);
    }
}
