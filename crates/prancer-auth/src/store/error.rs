//! Why a session could not be loaded or kept.

use std::error::Error;
use std::sync::Arc;

use super::format::InvalidFormat;

/// Why a session could not be loaded or kept. No text of it holds a token.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The store cannot be reached, or does not do it, for now: what it said is the source.
    #[error("cannot {action}")]
    Away {
        /// What was tried, and where.
        action: String,
        /// Why not.
        source: Arc<dyn Error + Send + Sync>,
    },
    /// Another generation is kept than the one that was to be replaced: load it.
    #[error("somebody else has changed the session")]
    Conflict,
    /// What is kept cannot be read, and is left as it is.
    #[error("{place}: {source}; remove it, then log in again")]
    Invalid {
        /// Where that is.
        place: String,
        /// What is wrong with it.
        source: InvalidFormat,
    },
    /// Others could have read the tokens, or put others in their place.
    #[error("{place} is open to others (mode {mode:o}); close it with: {remedy}")]
    OpenToOthers {
        /// The file or the folder.
        place: String,
        /// Its permissions.
        mode: u32,
        /// The command that mends it.
        remedy: String,
    },
    /// A link or a folder is in the place of the file. It is not followed.
    #[error("{0} is not a plain file; remove it, then log in again")]
    NotAFile(String),
}

impl StoreError {
    /// That the store cannot be reached, or does not do it, for now: `cannot {action}`, since `source`.
    pub fn away(
        action: impl Into<String>,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Away {
            action: action.into(),
            source: source.into().into(),
        }
    }

    /// What the store itself said, where it said something; for people.
    pub fn cause(&self) -> String {
        self.source().map(ToString::to_string).unwrap_or_default()
    }
}
