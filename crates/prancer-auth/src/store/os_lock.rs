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
        let mut options = OpenOptions::new();
        let file = open(path, options.create(true).truncate(false).write(true))?;
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

/// Opens a file, which only its owner reads if it is made. A link is not followed, and the other end of a pipe is not waited for.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK;
        options.mode(0o600).custom_flags(flags);
    }
    options.open(path)
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
