//! Where a setting comes from: flags override environment variables, which override the profile, which overrides the
//! defaults.

use std::env::{self, VarError};
use std::fmt;

use crate::exit::Exit;
use crate::failure::Failure;

/// Where a setting comes from; an earlier one overrides a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    Flag,
    Environment,
    Profile,
    Session,
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "flag",
            Self::Environment => "environment",
            Self::Profile => "profile",
            Self::Session => "session",
            Self::Default => "default",
        })
    }
}

/// A setting, and where it comes from. Its value may hold a password, as that of a store can, so it has no `Debug`.
#[derive(Clone)]
pub(crate) struct Setting {
    pub(crate) value: String,
    pub(crate) source: Source,
}

impl Setting {
    pub(crate) fn new(value: impl Into<String>, source: Source) -> Self {
        Self {
            value: value.into(),
            source,
        }
    }

    /// What the flag says, else the variable, else the profile.
    pub(crate) fn find(
        flag: Option<&str>,
        name: Option<&str>,
        profile: Option<&str>,
    ) -> Result<Option<Self>, Failure> {
        if let Some(flag) = flag {
            return Ok(Some(Self::new(flag, Source::Flag)));
        }
        let of_variable = match name {
            Some(name) => variable(name)?,
            None => None,
        };
        Ok(match of_variable {
            Some(value) => Some(Self::new(value, Source::Environment)),
            None => profile.map(|value| Self::new(value, Source::Profile)),
        })
    }
}

/// What a variable of the environment says. One that is empty is not set.
pub(crate) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match env::var(name) {
        Ok(value) => Ok(Some(value).filter(|it| !it.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            let problem = format!("the variable {name} is not valid UTF-8");
            Err(Failure::plain(Exit::Usage, problem))
        }
    }
}
