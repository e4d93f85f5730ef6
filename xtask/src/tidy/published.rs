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
        let names = checksums::differences(&sums, &checksums::of(&folder)?);
        findings.extend(names.iter().map(|name| {
            format!("{PUBLISHED}/{version}/{name} is not what was published; take it back from git")
        }));
    }
    Ok(findings)
}
