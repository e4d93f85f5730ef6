//! Why a session could not be loaded or saved.

use std::error::Error;
use std::sync::Arc;

use super::format::InvalidFormat;

/// Why a session could not be loaded or saved. No text of it holds a token.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached, or cannot do this now: try again later.
    #[error("cannot {action}")]
    Unavailable {
        /// What was tried, and where.
        action: String,
        /// Why it failed.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// The store holds another generation than the expected one: load the session again.
    #[error("another process has changed the session")]
    Conflict,
    /// The stored session cannot be read. It is not overwritten.
    #[error("cannot use the session at {location}: {source}")]
    Invalid {
        /// Where the session is.
        location: String,
        /// Why it cannot be read.
        source: InvalidFormat,
    },
    /// Other users of the machine could have read the tokens, or replaced them.
    #[error("{location} is accessible to other users (mode {mode:o}); fix it with: {remedy}")]
    OpenToOthers {
        /// The file or the folder.
        location: String,
        /// Its permissions.
        mode: u32,
        /// The command that corrects them.
        remedy: String,
    },
    /// The path of the file leads to a link or a folder. It is not followed.
    #[error("{0} is not a plain file; remove it, then log in again")]
    NotAFile(String),
}

impl StoreError {
    /// The store cannot be reached, or cannot do this now: `cannot {action}`, because of `source`.
    pub fn unavailable(
        action: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Unavailable {
            action: action.into(),
            source: source.into().into(),
        }
    }

    #[cfg(any(feature = "file", feature = "keyring", feature = "redis"))]
    pub(super) fn invalid(location: String, source: InvalidFormat) -> Self {
        Self::Invalid { location, source }
    }

    /// The text of the source, for people; empty where there is none.
    pub fn cause(&self) -> String {
        self.source().map(ToString::to_string).unwrap_or_default()
    }
}
