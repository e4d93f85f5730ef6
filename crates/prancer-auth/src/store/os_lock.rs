//! An advisory lock of the operating system: it ends with its holder, however that ends.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::Path;
use std::thread;

use tokio::sync::oneshot;

/// An advisory lock on a file. The file stays, empty; what counts is the lock.
#[derive(Debug)]
pub(crate) struct OsLock {
    _file: File,
}

impl OsLock {
    /// Waits in a thread of its own, so that whoever gives up leaves nothing behind that blocks: a lock that comes too late ends at once.
    pub(crate) async fn wait(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => return Ok(Self { _file: file }),
            Err(std::fs::TryLockError::WouldBlock) => {}
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        let (sender, receiver) = oneshot::channel();
        let waiter = thread::Builder::new().name("prancer-auth-lock".to_owned());
        waiter.spawn(move || {
            let locked = file.lock().map(|()| Self { _file: file });
            let _ = sender.send(locked);
        })?;
        receiver.await.map_err(io::Error::other)?
    }

    /// Waits here; for locks that are held for moments only.
    pub(crate) fn block(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        file.lock()?;
        Ok(Self { _file: file })
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
        options.custom_flags(libc::O_NOFOLLOW);
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
