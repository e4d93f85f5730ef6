//! Published versions of the document: what their checksums say.

use std::fs;

use anyhow::{Context as _, Result};

use crate::checksums;
use crate::workspace::{PUBLISHED, Workspace};

pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for entry in fs::read_dir(workspace.join(PUBLISHED))? {
        let folder = entry?.path();
        let version = folder.file_name().unwrap_or_default().to_string_lossy();
        let sums = fs::read_to_string(folder.join(checksums::NAME))
            .with_context(|| format!("{PUBLISHED}/{version} has no {}", checksums::NAME))?;
        let there = checksums::of(&folder)?;
        let changed = there
            .lines()
            .filter(|line| !sums.lines().any(|it| it == *line));
        let missing = sums
            .lines()
            .filter(|line| !there.lines().any(|it| it == *line));
        let mut names: Vec<_> = changed
            .chain(missing)
            .filter_map(|line| line.split_once("  "))
            .map(|(_, name)| name)
            .collect();
        names.sort_unstable();
        names.dedup();
        findings.extend(names.iter().map(|name| {
            format!("{PUBLISHED}/{version}/{name} is not what was published; take it back from git")
        }));
    }
    Ok(findings)
}
