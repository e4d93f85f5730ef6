//! A change of the document, and what it means for those who use it.

use std::fmt;

use cargo_metadata::semver::Version;
use serde::Deserialize;

/// What a change asks of the next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Impact {
    /// Words only.
    Wording,
    /// Something new that no program has to use.
    Addition,
    /// Programs that worked may not work, or not compile.
    Breaking,
}

impl Impact {
    /// The version after `last` for a change like this.
    pub(super) fn next(self, last: &Version) -> Version {
        match self {
            Self::Breaking => Version::new(last.major + 1, 0, 0),
            Self::Addition => Version::new(last.major, last.minor + 1, 0),
            Self::Wording => Version::new(last.major, last.minor, last.patch + 1),
        }
    }

    /// The same for the crates. An addition is one more field of a public struct, which breaks programs that make one;
    /// and before 1.0 the second number stands for the first.
    pub(super) fn next_crate(self, last: &Version) -> Version {
        match (self, last.major) {
            (Self::Wording, _) => Version::new(last.major, last.minor, last.patch + 1),
            (_, 0) => Version::new(0, last.minor + 1, 0),
            _ => Version::new(last.major + 1, 0, 0),
        }
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Wording => "wording",
            Self::Addition => "addition",
            Self::Breaking => "breaking",
        })
    }
}

/// One change, as `openapi/diff.mjs` tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Change {
    pub(super) impact: Impact,
    pub(super) pointer: String,
    /// A sentence for a person.
    pub(super) sentence: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            impact,
            pointer,
            sentence,
        } = self;
        write!(f, "{impact:<9} {sentence} #{pointer}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_follow_the_gravest_change() {
        let (one, zero) = (Version::new(1, 2, 3), Version::new(0, 2, 3));
        let next = |impact: Impact| {
            let next = [
                impact.next(&one),
                impact.next_crate(&one),
                impact.next_crate(&zero),
            ];
            next.map(|it| it.to_string())
        };
        assert_eq!(next(Impact::Breaking), ["2.0.0", "2.0.0", "0.3.0"]);
        assert_eq!(next(Impact::Addition), ["1.3.0", "2.0.0", "0.3.0"]);
        assert_eq!(next(Impact::Wording), ["1.2.4", "1.2.4", "0.2.4"]);
    }
}
