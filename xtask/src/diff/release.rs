//! The versions of document and crates, and what the document's changelog says of them.

use std::fs;

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use cargo_metadata::semver::Version;

use super::change::Impact;
use crate::workspace::Workspace;

/// The contract's changelog, below the root of the workspace.
const CHANGELOG: &str = "openapi/CHANGELOG.md";
/// The version of the document, and that of the crates which it is published with.
#[derive(Debug, PartialEq)]
pub(crate) struct Versions {
    pub(crate) document: Version,
    pub(crate) crates: Version,
}

/// What follows the last version after changes of this impact; the same versions where nothing changed.
pub(super) fn next(
    workspace: &Workspace,
    impact: Option<Impact>,
    last: &Version,
) -> Result<Versions> {
    let released = entry(&changelog(workspace)?, last).with_context(|| {
        format!("{CHANGELOG} has no entry of {last}, which would name the crates' version")
    })?;
    let (document, least) = match impact {
        None => (last.clone(), released),
        Some(impact) => (impact.next(last), impact.next_crate(&released)),
    };
    Ok(Versions {
        document,
        crates: crates(workspace)?.max(least),
    })
}

/// What is not raised or not told.
pub(super) fn missing(
    workspace: &Workspace,
    next: &Versions,
    version: &Version,
) -> Result<Vec<String>> {
    let (changelog, crates) = (changelog(workspace)?, crates(workspace)?);
    Ok(find(&changelog, next, version, &crates))
}

fn find(changelog: &str, next: &Versions, version: &Version, crates: &Version) -> Vec<String> {
    let mut missing = Vec::new();
    if *version != next.document {
        missing.push(format!("info.version is {version}, not {}", next.document));
    }
    match entry(changelog, &next.document) {
        None => missing.push(format!("{CHANGELOG} has no entry of {}", next.document)),
        Some(told) if told > next.crates => missing.push(format!(
            "{CHANGELOG} says that {} goes with crates {told}, not {}",
            next.document, next.crates
        )),
        Some(_) => {}
    }
    if *crates < next.crates {
        missing.push(format!(
            "the crates are {crates}, not {}: they follow the document",
            next.crates
        ));
    }
    missing
}

/// The crates' version in the heading of a version that has something written below it.
fn entry(changelog: &str, version: &Version) -> Option<Version> {
    let heading = format!("## {version}, crates ");
    let mut lines = changelog.lines();
    let crates = lines.find_map(|line| line.strip_prefix(&heading))?;
    let told = lines
        .take_while(|line| !line.starts_with("## "))
        .any(|line| line.starts_with("- "));
    told.then(|| Version::parse(crates.trim()).ok()).flatten()
}

fn changelog(workspace: &Workspace) -> Result<String> {
    fs::read_to_string(workspace.join(CHANGELOG))
        .with_context(|| format!("cannot read {CHANGELOG}"))
}

/// The version of the crates, which is one for all of them.
fn crates(workspace: &Workspace) -> Result<Version> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.join("Cargo.toml"))
        .no_deps()
        .exec()?;
    let client = metadata
        .packages
        .iter()
        .find(|it| it.name.as_str() == "prancer-auth-client");
    let client = client.context("there is no crate prancer-auth-client")?;
    Ok(client.version.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAST: &str = "## 1.0.0, crates 0.1.0\n\n- The first.\n";

    fn missing(changelog: &str, version: &str, crates: &str) -> Vec<String> {
        let parse = |text: &str| Version::parse(text).unwrap();
        let (document, least) = (parse("1.1.0"), parse("0.2.0"));
        let next = Versions {
            document,
            crates: least,
        };
        find(
            &format!("{changelog}{LAST}"),
            &next,
            &parse(version),
            &parse(crates),
        )
    }

    #[test]
    fn what_is_raised_and_told_misses_nothing() {
        let changelog = "## 1.1.0, crates 0.2.0\n\n- More.\n\n";
        assert!(missing(changelog, "1.1.0", "0.2.0").is_empty());
        // The crates may have moved on.
        assert!(missing(changelog, "1.1.0", "0.3.0").is_empty());
    }

    #[test]
    fn what_is_not_raised_is_told() {
        let missing = missing("## 1.1.0, crates 0.2.0\n\n- More.\n\n", "1.0.1", "0.1.1");
        let expected = [
            "info.version is 1.0.1, not 1.1.0",
            "the crates are 0.1.1, not 0.2.0: they follow the document",
        ];
        assert_eq!(missing, expected);
    }

    #[test]
    fn a_version_without_an_entry_is_told() {
        for changelog in ["", "## 1.1.0, crates 0.2.0\n\n"] {
            let missing = missing(changelog, "1.1.0", "0.2.0");
            assert_eq!(missing, ["openapi/CHANGELOG.md has no entry of 1.1.0"]);
        }
    }
}
