//! Generated files: compared with what is there, or written, all of them or none.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};
use similar::TextDiff;
use tempfile::NamedTempFile;

use crate::workspace::Workspace;

/// A generated file.
pub(crate) struct Output {
    /// Below the root of the workspace.
    pub(crate) path: &'static str,
    pub(crate) content: String,
}

/// The unified diffs from what is there to what should be there; empty when nothing is stale.
pub(crate) fn diff(workspace: &Workspace, outputs: &[Output]) -> Result<String> {
    let mut diffs = String::new();
    for Output { path, content } in outputs {
        let there = read(&workspace.join(path))?.unwrap_or_default();
        if there != *content {
            let diff = TextDiff::from_lines(&there, content);
            let (old, new) = (format!("a/{path}"), format!("b/{path}"));
            diffs += &diff.unified_diff().header(&old, &new).to_string();
        }
    }
    Ok(diffs)
}

/// Writes what differs. All new files lie ready before the first takes its place; git has the old ones.
pub(crate) fn write(workspace: &Workspace, outputs: &[Output]) -> Result<Vec<&'static str>> {
    let mut ready = Vec::new();
    for Output { path, content } in outputs {
        let target = workspace.join(path);
        if read(&target)?.as_ref() == Some(content) {
            continue;
        }
        let folder = target.parent().context("a file has a folder")?;
        fs::create_dir_all(folder)?;
        let mut file = new_file(folder).with_context(|| format!("cannot write beside {path}"))?;
        file.write_all(content.as_bytes())?;
        ready.push((*path, target, file));
    }
    let mut written = Vec::new();
    for (path, target, file) in ready {
        let done = file.persist(target);
        done.with_context(|| format!("cannot replace {path}; git has what was there"))?;
        written.push(path);
    }
    Ok(written)
}

/// A temporary file that others may read, as they may a source file.
fn new_file(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(fs::Permissions::from_mode(0o644));
    }
    builder.tempfile_in(folder)
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(content: &str) -> Vec<Output> {
        let output = |path| Output {
            path,
            content: content.to_owned(),
        };
        vec![output("a/one.rs"), output("b/two.rs")]
    }

    #[test]
    fn nothing_is_stale_once_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::new(Some(folder.path().to_owned()));
        assert!(
            diff(&workspace, &outputs("new\n"))
                .unwrap()
                .contains("+new")
        );
        let written = write(&workspace, &outputs("new\n")).unwrap();
        assert_eq!(written, ["a/one.rs", "b/two.rs"]);
        assert_eq!(diff(&workspace, &outputs("new\n")).unwrap(), "");
        assert!(write(&workspace, &outputs("new\n")).unwrap().is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_made_leaves_all_of_them_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace::new(Some(folder.path().to_owned()));
        write(&workspace, &outputs("old\n")).unwrap();
        // What lies where the folder of the second should be is a file.
        fs::remove_dir_all(folder.path().join("b")).unwrap();
        fs::write(folder.path().join("b"), "").unwrap();
        assert!(write(&workspace, &outputs("new\n")).is_err());
        let first = fs::read_to_string(folder.path().join("a/one.rs")).unwrap();
        assert_eq!(first, "old\n");
        let left = fs::read_dir(folder.path().join("a")).unwrap().count();
        assert_eq!(left, 1, "no temporary file is left");
    }
}
