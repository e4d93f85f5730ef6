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
