//! Why a session could not be read from a file or kept in one.

use std::io;
use std::path::PathBuf;

/// Why a session could not be read or kept. No text of it holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileStoreError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Others may read the file, so its tokens may have been seen.
    #[error("{} is open to others (mode {mode:o}); close it with: chmod 600 '{}'", path.display(), path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A link or a folder, which is not followed.
    #[error("{} is not a plain file; remove it, then log in again", _0.display())]
    NotAFile(PathBuf),
    /// No session can be read from the file.
    #[error("{}:{line}: damaged; remove the file, then log in again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where reading ended.
        line: usize,
    },
    /// Another version of this program wrote the file.
    #[error("{} has format {version}, which this version does not know; use a newer one", path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        version: u32,
    },
}
