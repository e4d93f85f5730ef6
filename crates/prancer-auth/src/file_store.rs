//! A session in a file that only its owner reads.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::file_store_error::FileStoreError;
use crate::stored::StoredSession;

/// Keeps a session in a file: mode 0600, in a folder of mode 0700, replaced atomically.
///
/// ```
/// use prancer_auth::FileStore;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = FileStore::new(folder.join("session.json"));
/// assert!(store.load()?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FileStore {
    path: PathBuf,
}

impl FileStore {
    /// A store at this path. Nothing is touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where the session is kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads the session, `None` when there is none.
    ///
    /// # Errors
    ///
    /// [`FileStoreError`] when the file cannot be read, is open to others, or holds no session that this version knows.
    pub fn load(&self) -> Result<Option<StoredSession>, FileStoreError> {
        let metadata = match fs::symlink_metadata(&self.path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.io("read", error)),
        };
        if !metadata.is_file() {
            return Err(FileStoreError::NotAFile(self.path.clone()));
        }
        self.refuse_open_to_others(&metadata)?;
        let text = fs::read_to_string(&self.path).map_err(|error| self.io("read", error))?;

        #[derive(Deserialize)]
        struct Format {
            version: u32,
        }
        let damaged = |error: serde_json::Error| FileStoreError::Damaged {
            path: self.path.clone(),
            line: error.line(),
        };
        let Format { version } = serde_json::from_str(&text).map_err(damaged)?;
        if version != StoredSession::VERSION {
            let path = self.path.clone();
            return Err(FileStoreError::Version { path, version });
        }
        serde_json::from_str(&text).map_err(damaged)
    }

    /// Replaces the session: who reads meanwhile sees the old one or the new one, whole.
    ///
    /// # Errors
    ///
    /// [`FileStoreError::Io`] when the file cannot be written. The old one is still there then.
    pub fn save(&self, session: &StoredSession) -> Result<(), FileStoreError> {
        let failed = |error| self.io("write", error);
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        create_private(folder).map_err(failed)?;
        let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
        serde_json::to_writer_pretty(&mut file, session).map_err(|error| failed(error.into()))?;
        file.write_all(b"\n").map_err(failed)?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path)
            .map_err(|error| failed(error.error))?;
        sync_folder(folder).map_err(failed)
    }

    /// Removes the session, if there is one.
    ///
    /// # Errors
    ///
    /// [`FileStoreError::Io`] when the file is there and cannot be removed.
    pub fn remove(&self) -> Result<(), FileStoreError> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.io("remove", error)),
            _ => Ok(()),
        }
    }

    #[cfg(unix)]
    fn refuse_open_to_others(&self, metadata: &fs::Metadata) -> Result<(), FileStoreError> {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = metadata.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let path = self.path.clone();
            return Err(FileStoreError::OpenToOthers { path, mode });
        }
        Ok(())
    }

    #[cfg(not(unix))]
    fn refuse_open_to_others(&self, _: &fs::Metadata) -> Result<(), FileStoreError> {
        Ok(())
    }

    fn io(&self, action: &'static str, source: io::Error) -> FileStoreError {
        FileStoreError::Io {
            action,
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(unix)]
fn create_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;

    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn create_private(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Makes the new name last, too.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use prancer_auth_client::{AccessToken, RefreshToken};
    use tempfile::TempDir;

    use super::*;

    fn session() -> StoredSession {
        StoredSession {
            version: StoredSession::VERSION,
            portal: "https://portal.prancer.io/".to_owned(),
            email: Some("user@example.com".to_owned()),
            access_token: AccessToken::from("canary-access"),
            refresh_token: RefreshToken::from("canary-refresh"),
            issued_at_ms: 1,
            lifetime_ms: 2,
        }
    }

    fn store() -> (TempDir, FileStore) {
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path().join("below/session.json"));
        (folder, store)
    }

    #[test]
    fn a_session_comes_back_as_it_was_saved_until_it_is_removed() {
        let (_folder, store) = store();
        assert!(store.load().unwrap().is_none());
        store.save(&session()).unwrap();
        store.save(&session()).unwrap();
        let loaded = store.load().unwrap().unwrap();
        assert_eq!(loaded.access_token.expose(), "canary-access");
        assert_eq!(loaded.refresh_token.expose(), "canary-refresh");
        assert_eq!((loaded.issued_at_ms, loaded.lifetime_ms), (1, 2));
        store.remove().unwrap();
        store.remove().unwrap();
        assert!(store.load().unwrap().is_none());
    }

    #[cfg(unix)]
    #[test]
    fn only_its_owner_reads_the_file() {
        use std::os::unix::fs::PermissionsExt as _;

        let (_folder, store) = store();
        store.save(&session()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(store.path()), 0o600);
        assert_eq!(mode(store.path().parent().unwrap()), 0o700);

        fs::set_permissions(store.path(), fs::Permissions::from_mode(0o640)).unwrap();
        let refused = store.load().unwrap_err().to_string();
        assert!(
            refused.contains("mode 640") && refused.contains("chmod 600"),
            "{refused}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_not_followed_and_is_replaced_by_a_file() {
        let (folder, store) = store();
        let elsewhere = folder.path().join("elsewhere");
        fs::write(&elsewhere, "untouched").unwrap();
        fs::create_dir_all(store.path().parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(&elsewhere, store.path()).unwrap();
        assert!(matches!(store.load(), Err(FileStoreError::NotAFile(_))));
        store.save(&session()).unwrap();
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched");
        assert!(store.load().unwrap().is_some());
    }

    #[test]
    fn a_file_cut_anywhere_is_refused_without_a_word_of_it() {
        let (_folder, store) = store();
        store.save(&session()).unwrap();
        let whole = fs::read_to_string(store.path()).unwrap();
        for length in 0..whole.trim_end().len() {
            // Written in place, so that the mode stays.
            fs::write(store.path(), &whole[..length]).unwrap();
            let refused = store.load().unwrap_err();
            assert!(
                matches!(refused, FileStoreError::Damaged { .. }),
                "{length}: {refused}"
            );
            assert!(!format!("{refused} {refused:?}").contains("canary"));
        }
    }

    #[test]
    fn a_file_of_another_version_is_refused_as_such() {
        let (_folder, store) = store();
        store.save(&session()).unwrap();
        fs::write(store.path(), r#"{"version": 2, "something": "else"}"#).unwrap();
        let refused = store.load().unwrap_err();
        assert!(
            matches!(refused, FileStoreError::Version { version: 2, .. }),
            "{refused}"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_with_its_cause() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), "").unwrap();
        let store = FileStore::new(folder.path().join("file/session.json"));
        assert!(matches!(
            store.save(&session()),
            Err(FileStoreError::Io { .. })
        ));
    }
}
