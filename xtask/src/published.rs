//! The versions of the document that were published; each has a folder, which never changes once git has it.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};
use cargo_metadata::semver::Version;

use crate::workspace::{PUBLISHED, Workspace};

/// The name of the document in the folder of a version.
pub(crate) const NAME: &str = "prancer-auth.yaml";

/// The folder of a version.
pub(crate) fn folder(workspace: &Workspace, version: &Version) -> PathBuf {
    workspace.join(PUBLISHED).join(version.to_string())
}

/// The highest version that git has.
pub(crate) fn last(workspace: &Workspace) -> Result<Option<Version>> {
    let mut versions = all(workspace)?;
    versions.retain(|it| is_committed(workspace, it));
    Ok(versions.into_iter().max())
}

/// Removes what was made for a version that git does not have and that is not the one to come.
pub(crate) fn remove_drafts(workspace: &Workspace, next: &Version) -> Result<()> {
    for version in all(workspace)? {
        if version != *next && !is_committed(workspace, &version) {
            fs::remove_dir_all(folder(workspace, &version))?;
        }
    }
    Ok(())
}

/// Whether git has a version. Where there is no git, every folder is taken for published.
pub(crate) fn is_committed(workspace: &Workspace, version: &Version) -> bool {
    let mut git = Command::new("git");
    let git = git.current_dir(workspace.root());
    let git = git.args(["ls-tree", "HEAD", &format!("{PUBLISHED}/{version}")]);
    match git.output() {
        Ok(done) if done.status.success() => !done.stdout.is_empty(),
        _ => true,
    }
}

fn all(workspace: &Workspace) -> Result<Vec<Version>> {
    let folder = workspace.join(PUBLISHED);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let versions = fs::read_dir(folder)?.map(|entry| {
        let name = entry?.file_name().to_string_lossy().into_owned();
        Version::parse(&name).with_context(|| format!("{PUBLISHED}/{name} is no version"))
    });
    versions.collect()
}
