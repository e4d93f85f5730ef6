//! The session that this user of the machine keeps between two commands.

use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
use prancer_auth::{Credentials, FileStore, Portal, Session, StoredSession};

use crate::arguments::Place;
use crate::failure::Failure;

/// A session, and the file that it came from and goes back to.
pub(crate) struct Keeper {
    pub(crate) session: Session,
    store: FileStore,
    stored: Option<StoredSession>,
}

/// The file that the session is kept in, in the platform's state folder.
pub(crate) fn store() -> Result<FileStore, Failure> {
    let strategy = choose_app_strategy(AppStrategyArgs {
        top_level_domain: "io".to_owned(),
        author: "prancer".to_owned(),
        app_name: "prancer-auth".to_owned(),
    });
    let strategy = strategy.map_err(|error| Failure::new("cannot find the home folder", &error))?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(FileStore::new(folder.join("session.json")))
}

impl Keeper {
    /// The session that is kept. Credentials in the environment serve where it has ended, or where there is none.
    pub(crate) fn open(place: &Place) -> Result<Self, Failure> {
        let store = store()?;
        let stored = store.load()?;
        let portal = match (&stored, place.is_given()) {
            (Some(stored), false) => Portal::new(&stored.portal)?,
            _ => place.portal()?,
        };
        let mut builder = Session::builder(portal);
        if let Ok(credentials) = Credentials::from_env() {
            builder = builder.credentials(credentials);
        }
        if let Some(stored) = &stored {
            builder = builder.resume(stored.clone());
        }
        Ok(Self {
            session: builder.build()?,
            store,
            stored,
        })
    }

    /// A session that begins now. It takes the place of the one that is kept once it has tokens.
    pub(crate) fn begin(portal: Portal, credentials: Credentials) -> Result<Self, Failure> {
        Ok(Self {
            session: Session::builder(portal).credentials(credentials).build()?,
            store: store()?,
            stored: None,
        })
    }

    /// Keeps the session as it is now, if that is not how it was found.
    pub(crate) async fn keep(&self) -> Result<(), Failure> {
        match (&self.stored, self.session.stored().await) {
            (Some(old), Some(new)) if old.access_token == new.access_token => {}
            (_, Some(new)) => self.store.save(&new)?,
            (Some(_), None) => self.store.remove()?,
            (None, None) => {}
        }
        Ok(())
    }

    /// Keeps the session after something that matters more; that it cannot be kept is a warning then.
    pub(crate) async fn keep_or_warn(&self) {
        if let Err(failure) = self.keep().await {
            eprintln!("{failure} (the session goes on for this command alone)");
        }
    }
}

impl Place {
    fn is_given(&self) -> bool {
        self.portal.is_some() || self.tenant.is_some()
    }

    /// The portal that is meant, apart from any session.
    pub(crate) fn portal(&self) -> Result<Portal, Failure> {
        let portal = Portal::new(self.portal.as_deref().unwrap_or(Portal::PUBLIC))?;
        Ok(match &self.tenant {
            Some(tenant) => portal.with_tenant(tenant)?,
            None => portal,
        })
    }
}
