//! The versions of document and crates, and what the document's changelog says of them.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result};
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
    let changelog = changelog(workspace)?;
    let published = entry(&changelog, last).with_context(|| {
        format!("{CHANGELOG} has no entry of {last}, which would name the crates' version")
    })?;
    let mut crates = crates(workspace)?;
    // What an earlier try raised them to counts for nothing.
    if drafts(&changelog, last).any(|(_, it)| it.as_ref() == Some(&crates)) {
        crates = committed_crates(workspace).unwrap_or(crates);
    }
    let (document, least) = match impact {
        None => (last.clone(), published),
        Some(impact) => {
            // The crates may have been released without the document since.
            let released =
                released_crates(workspace)?.map_or(published.clone(), |it| it.max(published));
            (impact.next(last), impact.next_crate(&released))
        }
    };
    Ok(Versions {
        document,
        crates: crates.max(least),
    })
}

/// What is not raised, not told, or left of an earlier try.
pub(super) fn missing(
    workspace: &Workspace,
    last: &Version,
    next: &Versions,
    version: &Version,
) -> Result<Vec<String>> {
    let (changelog, crates) = (changelog(workspace)?, crates(workspace)?);
    let mut missing = find(&changelog, next, version, &crates);
    let left = drafts(&changelog, last).filter(|(draft, _)| *draft != next.document);
    missing.extend(
        left.map(|(draft, _)| format!("{CHANGELOG} tells of {draft}, which is not to come")),
    );
    Ok(missing)
}

/// The headings above the last version: its own version, and that of the crates.
fn drafts(changelog: &str, last: &Version) -> impl Iterator<Item = (Version, Option<Version>)> {
    let end = format!("## {last}, crates ");
    let above = changelog
        .lines()
        .take_while(move |it| !it.starts_with(&end));
    above.filter_map(|line| {
        let (version, crates) = line.strip_prefix("## ")?.split_once(", crates ")?;
        Some((Version::parse(version).ok()?, Version::parse(crates).ok()))
    })
}

/// The crates' version as git has it.
fn committed_crates(workspace: &Workspace) -> Option<Version> {
    let mut git = Command::new("git");
    let git = git.current_dir(workspace.root());
    let shown = git.args(["show", "HEAD:Cargo.toml"]).output().ok()?;
    version_of(&String::from_utf8_lossy(&shown.stdout))
}

/// The version in the workspace's manifest, which is one for all crates.
fn version_of(manifest: &str) -> Option<Version> {
    let mut lines = manifest.lines();
    let version = lines.find_map(|it| it.strip_prefix("version = "))?;
    Version::parse(version.trim_matches('"')).ok()
}

/// The crates' version that was released last, if one was.
fn released_crates(workspace: &Workspace) -> Result<Option<Version>> {
    let changelog = fs::read_to_string(workspace.join("CHANGELOG.md"))?;
    Ok(released(&changelog))
}

fn released(changelog: &str) -> Option<Version> {
    let headings = changelog.lines().filter_map(|it| it.strip_prefix("## "));
    let mut versions = headings.filter_map(|it| {
        let version = it.split([' ', ',']).next()?;
        Version::parse(version.trim_matches(['[', ']'])).ok()
    });
    versions.next()
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

fn crates(workspace: &Workspace) -> Result<Version> {
    let manifest = fs::read_to_string(workspace.join("Cargo.toml"))?;
    version_of(&manifest).context("Cargo.toml has no version")
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
    fn what_was_released_without_the_document_counts() {
        let changelog = "# Changelog\n\n## Unreleased\n\n## 0.2.5 - 2026-01-01\n\n## 0.2.0\n";
        assert_eq!(released(changelog), Version::parse("0.2.5").ok());
        assert_eq!(released("## Unreleased\n"), None);
    }

    #[test]
    fn headings_above_the_last_version_are_drafts() {
        let changelog = format!("## Unreleased\n\n## 1.0.1, crates 0.1.1\n\n{LAST}");
        let last = Version::parse("1.0.0").unwrap();
        let drafts: Vec<_> = drafts(&changelog, &last).collect();
        let parse = |it| Version::parse(it).unwrap();
        assert_eq!(drafts, [(parse("1.0.1"), Some(parse("0.1.1")))]);
    }

    #[test]
    fn a_version_without_an_entry_is_told() {
        for changelog in ["", "## 1.1.0, crates 0.2.0\n\n"] {
            let missing = missing(changelog, "1.1.0", "0.2.0");
            assert_eq!(missing, ["openapi/CHANGELOG.md has no entry of 1.1.0"]);
        }
    }
}
