//! Files and folders, whole.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use walkdir::WalkDir;

/// All files below a folder, in the order of their names.
pub(crate) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = WalkDir::new(folder).sort_by_file_name();
    let files = entries
        .into_iter()
        .filter(|it| !it.as_ref().is_ok_and(|it| it.file_type().is_dir()));
    files.map(|it| Ok(it?.into_path())).collect()
}

/// An empty folder.
pub(crate) fn fresh(folder: PathBuf) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    Ok(folder)
}
