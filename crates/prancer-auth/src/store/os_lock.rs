//! An advisory lock of the operating system: it ends with its holder, however that ends.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

/// How long a lock is waited for that is held for moments.
const MOMENTS: Duration = Duration::from_secs(2);
const TICK: Duration = Duration::from_millis(2);

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
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let (sender, receiver) = oneshot::channel();
        let waiter = thread::Builder::new().name("prancer-auth-lock".to_owned());
        waiter.spawn(move || {
            let locked = file.lock().map(|()| Self { _file: file });
            let _ = sender.send(locked);
        })?;
        receiver.await.map_err(io::Error::other)?
    }

    /// Waits here, for a lock that is held for moments only. Whoever holds it longer is stopped, or hangs.
    pub(crate) fn block(path: &Path) -> io::Result<Self> {
        let file = open(path)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self { _file: file }),
                Err(TryLockError::WouldBlock) if start.elapsed() < MOMENTS => thread::sleep(TICK),
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Makes a file that only its owner reads, and that is not there yet.
#[cfg(feature = "file")]
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
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
