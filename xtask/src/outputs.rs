//! Generated files: compared with what is there, or written, all of them or none.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

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
    for Output { path, content } in outputs {
        let target = workspace.join(path);
        let old = read(&target)?;
        if old.as_ref() == Some(content) {
            continue;
        }
        let folder = target.parent().context("a file has a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder of {path}"))?;
        let mut file =
            NamedTempFile::new_in(folder).with_context(|| format!("cannot write beside {path}"))?;
        file.write_all(content.as_bytes())?;
        file.as_file().sync_all()?;
        staged.push((*path, target, old, file));
    }

    let mut replaced: Vec<(PathBuf, Option<String>)> = Vec::new();
    let mut written = Vec::new();
    for (path, target, old, file) in staged {
        if let Err(error) = file.persist(&target) {
            restore(replaced);
            return Err(
                anyhow!(error.error).context(format!("cannot replace {path}; nothing was written"))
            );
        }
        replaced.push((target, old));
        written.push(path);
    }
    Ok(written)
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
        let workspace = Workspace::new(Some(folder.path().to_owned()));
        write(&workspace, &outputs("old\n")).unwrap();
        let second = folder.path().join("b/two.rs");
        fs::remove_file(&second).unwrap();
        fs::create_dir(&second).unwrap();
        let only_first = [Output {
            path: "a/one.rs",
            content: "old\n".to_owned(),
        }];
        assert!(write(&workspace, &outputs("new\n")).is_err());
        assert_eq!(diff(&workspace, &only_first).unwrap(), "");
        let left = fs::read_dir(folder.path().join("a")).unwrap().count();
        assert_eq!(left, 1, "no temporary file is left");
    }

    #[test]
    fn what_was_replaced_is_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let (changed, added) = (folder.path().join("changed"), folder.path().join("added"));
        fs::write(&changed, "new").unwrap();
        fs::write(&added, "new").unwrap();
        restore(vec![
            (changed.clone(), Some("old".to_owned())),
            (added.clone(), None),
        ]);
        assert_eq!(fs::read_to_string(&changed).unwrap(), "old");
        assert!(!added.exists());
    }
}
