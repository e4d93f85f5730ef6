//! A session in a file that only its owner reads.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::error::StoreError;
use super::format::InvalidFormat;
use super::lock::StoreLock;
use super::os_lock::{OsLock, create_file, create_private};
use super::session_store::{SessionStore, StoreFuture};
use super::stored::StoredSession;

/// More than a session with long tokens takes.
const ROOM: usize = 16 * 1024;

/// Shares a session through a file of mode 0600, in a folder of mode 0700, for the processes of one machine.
///
/// A save replaces the whole file, and the file is on the disk when the save returns; a reader needs no lock. The lock
/// is one of the operating system, on an empty file beside the session (`session.json.lock`). It is free when its
/// holder ends, even by a crash. The store grants the lock only if there is room for a session. Links are not followed.
///
/// Saving and waiting for the lock need a tokio runtime.
///
/// ```
/// use prancer_auth::store::{FileStore, SessionStore};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = FileStore::new(folder.join("state/session.json"));
/// assert!(store.load().await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// A store at this path. This does not touch the disk; the first save or lock makes the folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the session.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        let mut options = OpenOptions::new();
        options.read(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        }
        let mut file = match options.open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // The error for a link differs from system to system.
            Err(_) if self.is_link() => return Err(StoreError::NotAFile(self.location())),
            Err(error) => return Err(self.unavailable("read", error)),
        };
        let metadata = file.metadata();
        let metadata = metadata.map_err(|error| self.unavailable("read", error))?;
        if !metadata.is_file() {
            return Err(StoreError::NotAFile(self.location()));
        }
        check_mode(&self.path, &metadata, "600")?;
        // The file is replaced as a whole, so it stays as long as it is; and what grows would leave copies behind.
        let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        let invalid = |source| StoreError::Invalid {
            location: self.location(),
            source,
        };
        if length > StoredSession::LARGEST {
            return Err(invalid(InvalidFormat::TooLarge));
        }
        let mut json = Zeroizing::new(vec![0; length]);
        file.read_exact(&mut json)
            .map_err(|error| self.unavailable("read", error))?;
        let session = StoredSession::from_json(&json);
        session.map(Some).map_err(invalid)
    }

    /// The right to write, which is held for moments. A holder that is stopped meanwhile is waited for as that of the lock is.
    async fn saving(&self) -> Result<OsLock, StoreError> {
        let saving = OsLock::wait(&self.beside(".saving")).await;
        saving.map_err(|error| self.unavailable("write", error))
    }

    /// Replaces the session. No other process may save between the comparison and the replacement.
    fn write(
        &self,
        session: &StoredSession,
        expected: u64,
        _saving: &OsLock,
    ) -> Result<(), StoreError> {
        let failed = |error| self.unavailable("write", error);
        let folder = self.private_folder()?;
        if self.read()?.map_or(0, |it| it.generation) != expected {
            return Err(StoreError::Conflict);
        }
        let replaced = self
            .write_new(&session.to_json())
            .and_then(|new| fs::rename(new, &self.path));
        if replaced.is_err() {
            let _ = fs::remove_file(self.beside(".new"));
        }
        replaced.map_err(failed)?;
        sync_folder(folder).map_err(failed)
    }

    /// Writes a file beside the session, to the disk, that can take its place.
    fn write_new(&self, content: &[u8]) -> io::Result<PathBuf> {
        // One fixed name, so that what a killed save leaves behind is replaced by the next one. (`tempfile` draws names, so each kill would
        // leave a file with tokens.)
        let new = self.beside(".new");
        // Where one stays, the next line tells.
        let _ = fs::remove_file(&new);
        let mut file = create_file(&new)?;
        file.write_all(content)?;
        file.sync_all()?;
        Ok(new)
    }

    /// Tries whether there is room for a session, before one is asked for that would be lost.
    fn try_writing(&self, _saving: &OsLock) -> Result<(), StoreError> {
        let written = self.write_new(&[b' '; ROOM]);
        let _ = fs::remove_file(self.beside(".new"));
        written
            .map(drop)
            .map_err(|error| self.unavailable("write", error))
    }

    /// Writes in a thread of its own, since disks may take long.
    async fn in_thread(
        &self,
        write: impl FnOnce(&Self) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let store = self.clone();
        let written = tokio::task::spawn_blocking(move || write(&store)).await;
        written.unwrap_or_else(|error| Err(self.unavailable("write", io::Error::other(error))))
    }

    /// The folder, which is made if it is missing.
    fn private_folder(&self) -> Result<&Path, StoreError> {
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let metadata = create_private(folder).and_then(|()| fs::metadata(folder));
        let metadata = metadata.map_err(|error| self.unavailable("write", error))?;
        check_mode(folder, &metadata, "700")?;
        Ok(folder)
    }

    fn is_link(&self) -> bool {
        fs::symlink_metadata(&self.path).is_ok_and(|it| it.is_symlink())
    }

    fn beside(&self, suffix: &str) -> PathBuf {
        let mut path = OsString::from(&self.path);
        path.push(suffix);
        path.into()
    }

    fn unavailable(&self, action: &str, error: io::Error) -> StoreError {
        StoreError::unavailable(format!("{action} {}", self.path.display()), error)
    }
}

impl SessionStore for FileStore {
    fn location(&self) -> String {
        self.path.display().to_string()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        // Some microseconds: handing it to a thread would take longer.
        Box::pin(async { self.read() })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.private_folder()?;
            let (saving, session) = (self.saving().await?, session.clone());
            let write = move |store: &Self| store.write(&session, expected, &saving);
            self.in_thread(write).await
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(self.unavailable("remove", error))
                }
                _ => Ok(()),
            }
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            self.private_folder()?;
            let lock = OsLock::wait(&self.beside(".lock")).await;
            let lock = lock.map_err(|error| self.unavailable("lock", error))?;
            let saving = self.saving().await?;
            let tried = self.in_thread(move |store| store.try_writing(&saving));
            tried.await?;
            Ok(StoreLock::new(lock))
        })
    }
}

#[cfg(unix)]
fn check_mode(path: &Path, metadata: &Metadata, mode: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt as _;

    let found = metadata.permissions().mode() & 0o777;
    if found & 0o077 == 0 {
        return Ok(());
    }
    Err(StoreError::OpenToOthers {
        location: path.display().to_string(),
        mode: found,
        remedy: format!("chmod {mode} '{}'", path.display()),
    })
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: &Metadata, _: &str) -> Result<(), StoreError> {
    Ok(())
}

/// Writes the new name to the disk, too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
