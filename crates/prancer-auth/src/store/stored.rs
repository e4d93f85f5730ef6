//! A session as it is kept: a type of its own, apart from the one in memory.

use std::time::{Duration, SystemTime};

use prancer_auth_client::{AccessToken, RefreshToken};

/// A session that another process can go on with.
///
/// It holds both tokens: keep it where only its owner reads it. A [`SessionStore`](super::SessionStore) does. [`Self::to_json`] and
/// [`Self::from_json`] are its written form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredSession {
    /// Counts the sessions that were kept in one place; a later one takes the place of an earlier one.
    pub generation: u64,
    /// The URL of the portal, its tenant included.
    pub portal: String,
    /// Who logged in, where that is known.
    pub email: Option<String>,
    /// The tokens; none after a logout, which is kept so that no late renewal undoes it.
    pub tokens: Option<StoredTokens>,
}

/// The tokens of a session that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

impl StoredSession {
    /// A session of this portal, as the first that is kept.
    pub fn new(portal: impl Into<String>, email: Option<String>, tokens: StoredTokens) -> Self {
        Self {
            generation: 1,
            portal: portal.into(),
            email,
            tokens: Some(tokens),
        }
    }

    /// The same as another generation.
    pub fn with_generation(self, generation: u64) -> Self {
        Self { generation, ..self }
    }
}

impl StoredTokens {
    /// Tokens that were asked for at `issued_at`, of which the access token lives so long from then on.
    pub fn new(
        access_token: AccessToken,
        refresh_token: RefreshToken,
        issued_at: SystemTime,
        lifetime: Duration,
    ) -> Self {
        let issued_at = issued_at.duration_since(SystemTime::UNIX_EPOCH);
        Self {
            access_token,
            refresh_token,
            issued_at_ms: milliseconds(issued_at.unwrap_or_default()),
            lifetime_ms: milliseconds(lifetime),
        }
    }

    /// When the access token expires, by this machine's clock.
    pub fn expires_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_millis(self.issued_at_ms))
            .and_then(|issued_at| issued_at.checked_add(Duration::from_millis(self.lifetime_ms)))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
