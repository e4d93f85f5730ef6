//! A session in a file that only its owner reads.

use std::ffi::OsString;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::error::StoreError;
use super::format::InvalidFormat;
use super::lock::StoreLock;
use super::os_lock::{create_private, locked, open};
use super::session_store::{SessionStore, StoreFuture};
use super::stored::StoredSession;

/// More than a session with long tokens takes.
const ROOM: usize = 16 * 1024;
/// How long a removal waits for a save: longer than one takes, unless its process is stopped.
const PATIENCE: Duration = Duration::from_secs(3);

/// Shares a session through a file of mode 0600, in a folder of mode 0700, for the processes of one machine.
///
/// A save replaces the whole file, and the file is on the disk when the save returns; a reader needs no lock. The lock
/// is one of the operating system, on an empty file beside the session (`session.json.lock`). It is free when its
/// holder ends, even by a crash. The store grants the lock only if there is room for a session. Links are not followed.
///
/// Saving, removing and waiting for the lock need a tokio runtime with a timer.
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
    /// A store at this path. This does not touch the disk; the first save or lock makes the folder. On Unix, a folder that
    /// exists, also the current one for a bare name, must be closed to other users, else it is [`StoreError::OpenToOthers`].
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The path of the session.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn read(&self) -> Result<Option<StoredSession>, StoreError> {
        let is_link = || fs::symlink_metadata(&self.path).is_ok_and(|it| it.is_symlink());
        let mut file = match open(&self.path, OpenOptions::new().read(true)) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            // The error for a link differs from system to system.
            Err(_) if is_link() => return Err(StoreError::NotAFile(self.location())),
            Err(error) => return Err(self.unavailable("read", error)),
        };
        let failed = |error| self.unavailable("read", error);
        let metadata = file.metadata().map_err(failed)?;
        if !metadata.is_file() {
            return Err(StoreError::NotAFile(self.location()));
        }
        check_mode(&self.path, &metadata, "600")?;
        // The file is replaced as a whole, so it stays as long as it is; and what grows would leave copies behind.
        let length = usize::try_from(metadata.len()).unwrap_or(usize::MAX);
        let invalid = |source| StoreError::invalid(self.location(), source);
        if length > StoredSession::LARGEST {
            return Err(invalid(InvalidFormat::TooLarge));
        }
        let mut json = Zeroizing::new(vec![0; length]);
        file.read_exact(&mut json).map_err(failed)?;
        let session = StoredSession::from_json(&json);
        session.map(Some).map_err(invalid)
    }

    /// The right to write, which is held for moments. A holder that is stopped meanwhile is waited for as that of the lock is.
    async fn saving(&self) -> Result<File, StoreError> {
        let saving = locked(&self.beside(".saving")).await;
        saving.map_err(|error| self.unavailable("write", error))
    }

    /// Replaces the session.
    fn write(&self, session: &StoredSession, expected: u64) -> Result<(), StoreError> {
        if self.read()?.map_or(0, |it| it.generation) != expected {
            return Err(StoreError::Conflict);
        }
        self.write_new(&session.to_json(), |new| {
            fs::rename(new, &self.path)?;
            // The new name, too, where a folder can be opened.
            match cfg!(unix) {
                true => File::open(self.folder())?.sync_all(),
                false => Ok(()),
            }
        })
    }

    /// Tries whether there is room for a session, before one is asked for that would be lost.
    fn try_writing(&self) -> Result<(), StoreError> {
        // Another program may hold it open for a moment; the next one replaces it.
        self.write_new(&[b' '; ROOM], |new| {
            let _ = fs::remove_file(new);
            Ok(())
        })
    }

    /// Writes a file beside the session, to the disk, which `put` puts where it belongs.
    fn write_new(
        &self,
        content: &[u8],
        put: impl FnOnce(&Path) -> io::Result<()>,
    ) -> Result<(), StoreError> {
        // One fixed name, so that what a killed save leaves behind is replaced by the next one. (`tempfile` draws names, so each kill would
        // leave a file with tokens.)
        let new = self.beside(".new");
        let write = || {
            remove(&new)?;
            let mut file = open(&new, OpenOptions::new().create_new(true).write(true))?;
            file.write_all(content)?;
            file.sync_all()?;
            drop(file);
            put(&new)
        };
        write().map_err(|error| {
            let _ = fs::remove_file(&new);
            self.unavailable("write", error)
        })
    }

    /// Writes while no other process does, in a thread of its own, since disks may take long.
    async fn in_thread(
        &self,
        write: impl FnOnce(&Self) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let (saving, store) = (self.saving().await?, self.clone());
        let written = spawn_blocking(move || {
            // Until the end, even if the caller gives up.
            let _saving = saving;
            write(&store)
        });
        written
            .await
            .unwrap_or_else(|error| Err(self.unavailable("write", io::Error::other(error))))
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        }
    }

    /// Makes the folder if it is missing, and checks that it is its owner's alone.
    fn make_folder(&self) -> Result<(), StoreError> {
        let metadata = create_private(self.folder()).and_then(|()| fs::metadata(self.folder()));
        let metadata = metadata.map_err(|error| self.unavailable("write", error))?;
        check_mode(self.folder(), &metadata, "700")
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
        let session = session.clone();
        Box::pin(async move {
            self.make_folder()?;
            let write = move |store: &Self| store.write(&session, expected);
            self.in_thread(write).await
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            // A save that has compared already would bring it back.
            let _saving = match fs::symlink_metadata(&self.path) {
                Ok(_) => timeout(PATIENCE, self.saving()).await.ok(),
                Err(_) => None,
            };
            remove(&self.path).map_err(|error| self.unavailable("remove", error))
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            self.make_folder()?;
            let lock = locked(&self.beside(".lock")).await;
            let lock = lock.map_err(|error| self.unavailable("lock", error))?;
            self.in_thread(Self::try_writing).await?;
            Ok(StoreLock::new(lock))
        })
    }
}

/// Removes a file, if there is one.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

#[cfg_attr(not(unix), expect(unused_variables, reason = "there are no modes"))]
fn check_mode(path: &Path, metadata: &Metadata, mode: &str) -> Result<(), StoreError> {
    #[cfg(unix)]
    {
        let found = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if found & 0o077 != 0 {
            return Err(StoreError::OpenToOthers {
                location: path.display().to_string(),
                mode: found,
                remedy: format!("chmod {mode} '{}'", path.display()),
            });
        }
    }
    Ok(())
}
