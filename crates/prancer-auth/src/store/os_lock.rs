//! An advisory lock of the operating system: it ends with its holder, however that ends.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use super::polling::until_some;

/// Waits for the lock on a file, which is held until the file is closed. The file stays, empty; what counts is the lock.
///
/// It tries again and again. A blocking call would need a thread for each waiter, and that of a waiter that gave up could not be ended.
pub(super) async fn locked(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = open(path, options.create(true).truncate(false).write(true))?;
    until_some(|| match file.try_lock() {
        Ok(()) => Ok(Some(())),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    })
    .await?;
    Ok(file)
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
pub(super) fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}
