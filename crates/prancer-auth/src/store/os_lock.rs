//! An advisory lock of the operating system: it ends with its holder, however that ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use super::polling::until_some;

/// An advisory lock on a file. The file stays, empty; what counts is the lock.
#[derive(Debug)]
pub(crate) struct OsLock {
    _file: File,
}

impl OsLock {
    /// Waits by trying again. A blocking call would need a thread for each waiter, and that of a waiter that gave up could not be ended.
    pub(crate) async fn wait(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        until_some(|| is_locked_by(&file).map(|is_locked| is_locked.then_some(()))).await?;
        Ok(Self { _file: file })
    }
}

/// Takes the lock, and tells whether that was possible.
fn is_locked_by(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn open(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().create(true).truncate(false), path)
}

/// Makes a file that only its owner reads, and that must not exist yet.
#[cfg(feature = "file")]
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().create_new(true), path)
}

/// Opens a file for writing, of which only its owner reads what is created. A link is not followed.
fn private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600).custom_flags(libc::O_NOFOLLOW);
    }
    options.write(true).open(path)
}

/// Makes a folder that only its owner enters.
#[cfg(unix)]
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}
