//! The variables of the environment that name a portal and credentials.

use std::env::{self, VarError};

use super::invalid_portal::InvalidPortal;

/// Why a portal or credentials cannot be read from the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidEnvironment {
    /// A variable is not set, or empty.
    #[error("environment variable {variable} is not set")]
    Missing {
        /// Its name.
        variable: &'static str,
    },
    /// A variable is not text in UTF-8.
    #[error("environment variable {variable} is not valid UTF-8")]
    NotText {
        /// Its name.
        variable: &'static str,
    },
    /// A variable does not hold a valid URL or tenant of a portal.
    #[error("environment variable {variable}: {source}")]
    Portal {
        /// Its name.
        variable: &'static str,
        /// What is wrong with its value.
        source: InvalidPortal,
    },
}

/// The value of a variable; one that is empty counts as not set.
pub(crate) fn optional(variable: &'static str) -> Result<Option<String>, InvalidEnvironment> {
    match env::var(variable) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => Err(InvalidEnvironment::NotText { variable }),
    }
}

pub(crate) fn required(variable: &'static str) -> Result<String, InvalidEnvironment> {
    optional(variable)?.ok_or(InvalidEnvironment::Missing { variable })
}
