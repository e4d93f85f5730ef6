//! A change of the document, and what it means for those who use it.

use std::fmt;

use cargo_metadata::semver::Version;
use serde_json::Value;

/// What a change asks of the next version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Impact {
    /// Words only.
    Wording,
    /// Something new that nobody has to use.
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

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) impact: Impact,
    pub(super) pointer: String,
    /// A sentence for a person.
    pub(super) sentence: String,
}

impl Change {
    /// A change as Redocly reports it.
    pub(super) fn read(report: &Value) -> Self {
        let text = |key: &str| report[key].as_str().unwrap_or_default();
        let pointer = text("path").trim_start_matches('#').to_owned();
        let property = text("property");
        let mut impact = match text("impact") {
            "patch" => Impact::Wording,
            "minor" => Impact::Addition,
            // Whatever else there may come to be.
            _ => Impact::Breaking,
        };
        let mut sentence = report["verdicts"][0]["message"]
            .as_str()
            .map_or_else(|| sentence(report, &pointer), str::to_owned);
        // Redocly looks at what goes over the wire; a generated client has types besides.
        let was_there = !report["base"].is_null();
        if impact != Impact::Breaking && property == "required" {
            impact = Impact::Breaking;
            sentence = format!(
                "The required properties of {} changed, and with them its generated type.",
                name(&pointer)
            );
        }
        let kind = text("typeName");
        let names =
            kind == "Info" && property == "title" || kind == "Operation" && property == "tags";
        if impact != Impact::Breaking && names {
            impact = Impact::Breaking;
            sentence = format!("`{property}` changed, which generated clients take names from.");
        }
        let typed = ["additionalProperties", "format", "items", "type"].contains(&property);
        if impact != Impact::Breaking && kind == "Schema" && typed {
            impact = Impact::Breaking;
            sentence = format!(
                "`{property}` of {} changed, and with it its generated type.",
                name(&pointer)
            );
        }
        let removed = text("kind") == "removed" && was_there;
        if impact != Impact::Breaking && removed && pointer.contains("/properties/") {
            impact = Impact::Breaking;
            sentence = format!(
                "Property {} was removed, and with it the field of the generated type.",
                name(&pointer)
            );
        }
        Self {
            impact,
            pointer,
            sentence,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            impact,
            pointer,
            sentence,
        } = self;
        write!(f, "{impact:<9} {sentence}\n          #{pointer}")
    }
}

/// A sentence for what Redocly has no words for.
fn sentence(report: &Value, pointer: &str) -> String {
    let kind = match report["typeName"].as_str().unwrap_or_default() {
        "PathItem" => "Path",
        "ParameterList" => "The list of",
        "SecurityRequirement" => "Security requirement",
        "" => "Part",
        other => other,
    };
    let name = name(pointer);
    match (report["kind"].as_str(), report["property"].as_str()) {
        (Some("added"), _) => format!("{kind} {name} was added."),
        (Some("removed"), _) => format!("{kind} {name} was removed."),
        (_, Some(property)) => format!("`{property}` of {name} changed."),
        _ => format!("{kind} {name} changed."),
    }
}

/// The last part of a pointer, as it is written in the document.
fn name(pointer: &str) -> String {
    let last = pointer.rsplit('/').next().unwrap_or(pointer);
    format!("`{}`", last.replace("~1", "/").replace("~0", "~"))
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
