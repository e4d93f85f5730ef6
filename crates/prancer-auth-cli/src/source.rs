//! Where a setting comes from: flags override environment variables, those the profile, that the defaults.

use std::env;
use std::fmt;

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

    /// What the flag says, else the variable, else the profile. A variable that is empty is not set.
    pub(crate) fn find(flag: Option<&str>, variable: &str, profile: Option<&str>) -> Option<Self> {
        let said = |value: Option<String>| value.filter(|value| !value.is_empty());
        said(flag.map(str::to_owned))
            .map(|value| Self::new(value, Source::Flag))
            .or_else(|| {
                said(env::var(variable).ok()).map(|value| Self::new(value, Source::Environment))
            })
            .or_else(|| {
                said(profile.map(str::to_owned)).map(|value| Self::new(value, Source::Profile))
            })
    }
}
