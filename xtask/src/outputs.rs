//! Generated files: compared with what is there, or written, all of them or none.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
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

/// Writes what differs. All new files lie ready before the first takes its place, and a failure puts the old ones back.
pub(crate) fn write(workspace: &Workspace, outputs: &[Output]) -> Result<Vec<&'static str>> {
    let mut staged = Vec::new();
    let mut paths = Vec::new();
    for Output { path, content } in outputs {
        let target = workspace.join(path);
        let old = read(&target)?;
        if old.as_ref() == Some(content) {
            continue;
        }
        let folder = target.parent().context("a file has a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder of {path}"))?;
        let mut file = new_file(folder).with_context(|| format!("cannot write beside {path}"))?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        staged.push(Staged { target, old, file });
        paths.push(*path);
    }
    replace(staged)?;
    Ok(paths)
}

/// A new file, and the one whose place it takes.
struct Staged {
    target: PathBuf,
    old: Option<String>,
    file: NamedTempFile,
}

fn replace(staged: Vec<Staged>) -> Result<()> {
    let mut replaced = Vec::new();
    for Staged { target, old, file } in staged {
        if let Err(error) = file.persist(&target) {
            restore(replaced);
            let path = target.display();
            let error = anyhow!(error.error);
            return Err(error.context(format!("cannot replace {path}; nothing was written")));
        }
        replaced.push((target, old));
    }
    Ok(())
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

fn restore(replaced: Vec<(PathBuf, Option<String>)>) {
    for (target, old) in replaced {
        let restored = match old {
            Some(old) => fs::write(&target, old),
            None => fs::remove_file(&target),
        };
        if let Err(error) = restored {
            eprintln!("cannot restore {}: {error}", target.display());
        }
    }
}

fn read(path: &PathBuf) -> Result<Option<String>> {
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
    fn a_file_that_cannot_be_replaced_leaves_all_of_them_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let stage = |name: &str, old: Option<&str>| Staged {
            target: folder.path().join(name),
            old: old.map(str::to_owned),
            file: new_file(folder.path()).unwrap(),
        };
        fs::write(folder.path().join("first"), "old").unwrap();
        fs::create_dir(folder.path().join("last")).unwrap();
        let staged = vec![
            stage("first", Some("old")),
            stage("second", None),
            // No file takes the place of a folder.
            stage("last", None),
        ];
        assert!(replace(staged).is_err());
        let first = fs::read_to_string(folder.path().join("first")).unwrap();
        assert_eq!(first, "old");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "neither a new file nor a temporary one is left");
    }
}
