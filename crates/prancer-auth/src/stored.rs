//! A session as it is kept: a type of its own, apart from the one in memory.

use std::time::{Duration, SystemTime};

use prancer_auth_client::{AccessToken, RefreshToken};
use serde::{Deserialize, Serialize};

/// A session that another process can go on with.
///
/// It holds both tokens: keep it where only its owner reads it. [`FileStore`](crate::FileStore) does.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StoredSession {
    /// The format; a reader refuses one that it does not know.
    pub version: u32,
    /// The URL of the portal, its tenant included.
    pub portal: String,
    /// Who logged in, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
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
    /// The format that this version writes and reads.
    pub const VERSION: u32 = 1;

    /// When the access token expires, by this machine's clock.
    pub fn expires_at(&self) -> SystemTime {
        self.issued_at()
            .checked_add(Duration::from_millis(self.lifetime_ms))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    pub(crate) fn issued_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_millis(self.issued_at_ms))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }
}
