//! The versions of the document that were published; each has a folder, which never changes.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use cargo_metadata::semver::Version;

use crate::workspace::{PUBLISHED, Workspace};

/// The name of the document in the folder of a version.
pub(crate) const NAME: &str = "prancer-auth.yaml";

/// The folder of a version.
pub(crate) fn folder(workspace: &Workspace, version: &Version) -> PathBuf {
    workspace.join(PUBLISHED).join(version.to_string())
}

/// The highest version that was published.
pub(crate) fn last(workspace: &Workspace) -> Result<Option<Version>> {
    let folder = workspace.join(PUBLISHED);
    if !folder.exists() {
        return Ok(None);
    }
    let mut versions = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let version = Version::parse(&name);
        versions.push(version.with_context(|| format!("{PUBLISHED}/{name} is no version"))?);
    }
    Ok(versions.into_iter().max())
}
