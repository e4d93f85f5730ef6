//! The versions of document and crates, and what the changelogs say of them.

use std::fs;

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use cargo_metadata::semver::Version;

use super::change::Impact;
use crate::document::Document;
use crate::workspace::{DOCUMENT, Workspace};

/// The contract's changelog, below the root of the workspace.
const CHANGELOG: &str = "openapi/CHANGELOG.md";
/// The crates' changelog, below the root of the workspace.
const CRATES_CHANGELOG: &str = "CHANGELOG.md";
/// The heading of what is not released, in both.
const UNRELEASED: &str = "Unreleased";
/// Where the crates' version stands, below the root of the workspace.
const MANIFEST: &str = "Cargo.toml";
const LOCKS: [&str; 2] = ["Cargo.lock", "tests/peers/Cargo.lock"];

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
    let released = entry(&read(workspace, CHANGELOG)?, last).with_context(|| {
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
    let (changelog, crates) = (read(workspace, CHANGELOG)?, crates(workspace)?);
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

/// Writes the versions into the document, the changelogs, the manifest and the lock files. What changed is told in the words of
/// whoever wrote an entry, else in these.
pub(super) fn raise(
    workspace: &Workspace,
    document: &Document,
    next: &Versions,
    last: &Version,
    told: &[String],
) -> Result<()> {
    let edit = |path: &str, change: &dyn Fn(&str) -> String| {
        let text = read(workspace, path)?;
        let changed = change(&text);
        if changed != text {
            fs::write(workspace.join(path), changed)?;
            println!("wrote {path}");
        }
        anyhow::Ok(())
    };
    let at = document.line("/info/version");
    edit(DOCUMENT, &|text| {
        let line = |(i, line): (usize, &str)| match line.find("version:") {
            Some(start) if i + 1 == at => {
                format!("{}version: {}\n", &line[..start], next.document)
            }
            _ => line.to_owned(),
        };
        text.split_inclusive('\n').enumerate().map(line).collect()
    })?;
    let heading = format!("{}, crates {}", next.document, next.crates);
    edit(CHANGELOG, &|text| entitled(text, &heading, last, told))?;
    let old = crates(workspace)?;
    if old == next.crates {
        return Ok(());
    }
    let (from, to) = (
        format!("version = \"{old}\""),
        format!("version = \"{}\"", next.crates),
    );
    edit(MANIFEST, &|text| {
        let ours = |line: &str| line.starts_with(&from) || line.contains("path = \"crates/");
        let line = |line: &str| match ours(line) {
            true => line.replace(&from, &to),
            false => line.to_owned(),
        };
        text.split_inclusive('\n').map(line).collect()
    })?;
    for lock in LOCKS {
        edit(lock, &|text| {
            // What has a source is another's.
            let package = |it: &str| match it.contains("\nsource = ") {
                true => it.to_owned(),
                false => it.replace(&from, &to),
            };
            text.split_inclusive("\n\n").map(package).collect()
        })?;
    }
    let entry = format!("- The document is version {}.", next.document);
    edit(CRATES_CHANGELOG, &|text| with_entry(text, &entry))
}

/// The changelog with this heading over what was written above the last version, and these entries where nothing was.
fn entitled(changelog: &str, heading: &str, last: &Version, told: &[String]) -> String {
    let Some(at) = changelog.find(&format!("## {last}, crates ")) else {
        return changelog.to_owned();
    };
    let (above, below) = changelog.split_at(at);
    if told.is_empty() {
        return changelog.to_owned();
    }
    let (intro, entries) = above.split_once("## ").unwrap_or((above, ""));
    let entries = entries.split_once('\n').map_or("", |(_, it)| it).trim();
    let told = told.join("\n");
    let entries = if entries.is_empty() { &told } else { entries };
    format!("{intro}## {heading}\n\n{entries}\n\n{below}")
}

/// The crates' changelog with this entry among what is not released, in place of one of an earlier try.
fn with_entry(changelog: &str, entry: &str) -> String {
    let start = entry.rsplit_once(' ').map_or(entry, |(start, _)| start);
    let mut lines: Vec<_> = changelog
        .lines()
        .filter(|it| !it.starts_with(start))
        .collect();
    let heading = format!("## {UNRELEASED}");
    let section = lines.iter().position(|it| *it == heading);
    match section {
        Some(section) => {
            let rest = &lines[section..];
            let first = rest.iter().position(|it| it.starts_with("- "));
            lines.insert(section + first.unwrap_or(1), entry);
        }
        None => {
            let first = lines.iter().position(|it| it.starts_with("## "));
            let at = first.unwrap_or(lines.len());
            lines.splice(at..at, [heading.as_str(), "", entry, ""]);
        }
    }
    lines.join("\n") + "\n"
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

fn read(workspace: &Workspace, path: &str) -> Result<String> {
    fs::read_to_string(workspace.join(path)).with_context(|| format!("cannot read {path}"))
}

/// The version of the crates, which is one for all of them.
fn crates(workspace: &Workspace) -> Result<Version> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.join(MANIFEST))
        .no_deps()
        .exec()?;
    let client = metadata
        .packages
        .iter()
        .find(|it| it.name.as_str() == "prancer-auth-client");
    let client = client.context("there is no crate prancer-auth-client")?;
    Ok(client.version.clone())
}
