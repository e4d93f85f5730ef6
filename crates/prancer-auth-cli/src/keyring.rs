//! A profile's session in the keyring, and a file that tells that it is there.

use std::fs;
use std::path::PathBuf;

use prancer_auth::store::{
    KeyringStore, SessionStore, StoreError, StoreFuture, StoreLock, StoredSession,
};

use crate::profiles::create_private;
use crate::settings::Settings;

/// A profile's session in the keyring. No keyring lists its entries, so a file beside the sessions, which has the profile's name, is
/// there while the session is, or what a logout leaves of it.
pub(crate) struct Keyring {
    inner: KeyringStore,
    marker: PathBuf,
}

impl Keyring {
    pub(crate) fn new(settings: &Settings) -> Self {
        let profile = &settings.profile.value;
        Self {
            inner: KeyringStore::new("prancer-auth", profile, &settings.state),
            marker: settings.in_keyring(profile),
        }
    }

    /// Whether something is known to be there: a session, or what a logout left of it.
    pub(crate) fn is_known(&self) -> bool {
        self.marker.exists()
    }

    pub(crate) async fn probe(&self) -> Result<(), StoreError> {
        self.inner.probe().await
    }

    /// Only names the profile for other commands, so that its failure is none.
    fn note(&self, session: Option<&StoredSession>) {
        let is_there = session.is_some();
        if is_there == self.is_known() {
            return;
        }
        if is_there {
            let _ = self.marker.parent().map(create_private);
            let _ = fs::write(&self.marker, "");
        } else {
            let _ = fs::remove_file(&self.marker);
        }
    }
}

impl SessionStore for Keyring {
    fn location(&self) -> String {
        self.inner.location()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            let loaded = self.inner.load().await?;
            self.note(loaded.as_ref());
            Ok(loaded)
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.inner.save(session, expected).await?;
            self.note(Some(session));
            Ok(())
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.inner.remove().await?;
            self.note(None);
            Ok(())
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        self.inner.lock()
    }
}
