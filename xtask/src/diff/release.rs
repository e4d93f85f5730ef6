//! What has to be raised and told before a changed document may be published.

use std::fs;

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use cargo_metadata::semver::Version;

use super::change::Impact;
use crate::workspace::Workspace;

/// The contract's changelog, below the root of the workspace.
const CHANGELOG: &str = "openapi/CHANGELOG.md";

/// What is missing for a release with changes of this impact.
pub(super) fn missing(
    workspace: &Workspace,
    impact: Impact,
    last: &Version,
    version: &Version,
) -> Result<Vec<String>> {
    let changelog = workspace.join(CHANGELOG);
    let changelog =
        fs::read_to_string(changelog).with_context(|| format!("cannot read {CHANGELOG}"))?;
    let crates = crates(workspace)?;
    find(&changelog, impact, last, version, &crates)
}

fn find(
    changelog: &str,
    impact: Impact,
    last: &Version,
    version: &Version,
    crates: &Version,
) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    let next = impact.next(last);
    if *version < next {
        missing.push(format!(
            "info.version is {version}; raise it to {next} at least"
        ));
    }
    match entry(changelog, version) {
        None => missing.push(format!(
            "{CHANGELOG} has no entry of {version}; write one: `## {version}, crates {crates}` and what changed"
        )),
        Some(told) if told != *crates => missing.push(format!(
            "{CHANGELOG} says that {version} goes with crates {told}, but the crates are {crates}"
        )),
        Some(_) => {}
    }
    let released = entry(changelog, last).with_context(|| {
        format!("{CHANGELOG} has no entry of {last}, which would name the crates' version")
    })?;
    let next = impact.next_crate(&released);
    if *crates < next {
        missing.push(format!(
            "the crates are {crates} and follow the document: raise `workspace.package.version` to {next} at least"
        ));
    }
    Ok(missing)
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

    fn missing(changelog: &str, impact: Impact, version: &str, crates: &str) -> Vec<String> {
        let parse = |text| Version::parse(text).unwrap();
        let (last, version, crates) = (parse("1.0.0"), parse(version), parse(crates));
        find(changelog, impact, &last, &version, &crates).unwrap()
    }

    #[test]
    fn what_was_raised_enough_and_told_misses_nothing() {
        let changelog = format!("## 1.1.0, crates 0.2.0\n\n- More.\n\n{LAST}");
        assert!(missing(&changelog, Impact::Addition, "1.1.0", "0.2.0").is_empty());
        let changelog = changelog.replace("0.2.0", "0.1.1");
        assert!(missing(&changelog, Impact::Wording, "1.1.0", "0.1.1").is_empty());
    }

    #[test]
    fn an_entry_that_names_other_crates_is_told() {
        let changelog = format!("## 1.1.0, crates 0.3.0\n\n- More.\n\n{LAST}");
        let missing = missing(&changelog, Impact::Addition, "1.1.0", "0.2.0");
        assert_eq!(missing.len(), 1, "{missing:?}");
        assert!(missing[0].contains("goes with crates 0.3.0"));
    }

    #[test]
    fn a_version_that_was_not_raised_enough_is_told() {
        let changelog = format!("## 1.1.0, crates 0.1.1\n\n- More.\n\n{LAST}");
        let missing = missing(&changelog, Impact::Breaking, "1.1.0", "0.1.1");
        assert_eq!(missing.len(), 2, "{missing:?}");
        assert_eq!(
            missing[0],
            "info.version is 1.1.0; raise it to 2.0.0 at least"
        );
        assert!(missing[1].contains("to 0.2.0 at least"), "{}", missing[1]);
    }

    #[test]
    fn a_version_without_an_entry_is_told() {
        for changelog in [LAST.to_owned(), format!("## 1.0.1, crates 0.1.1\n\n{LAST}")] {
            let missing = missing(&changelog, Impact::Wording, "1.0.1", "0.1.1");
            assert_eq!(missing.len(), 1, "{missing:?}");
            assert!(missing[0].contains("has no entry of 1.0.1"));
        }
    }
}
