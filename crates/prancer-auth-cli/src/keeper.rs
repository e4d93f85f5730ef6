//! The session that this user of the machine keeps between two commands.

use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
use prancer_auth::{Credentials, FileStore, Portal, Session, StoredSession};

use crate::arguments::Place;
use crate::failure::Failure;

/// A session, and the file that it came from and goes back to.
pub(crate) struct Keeper {
    pub(crate) session: Session,
    store: FileStore,
    found: Found,
}

/// What the file held when the command began.
enum Found {
    Session(StoredSession),
    Nothing,
    /// Whatever it was: a login takes its place.
    Whatever,
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
        let kept = store.load()?;
        let mut builder = Session::builder(place.portal_or_kept(kept.as_ref())?);
        if let Ok(credentials) = Credentials::from_env() {
            builder = builder.credentials(credentials);
        }
        if let Some(kept) = &kept {
            builder = builder.resume(kept.clone());
        }
        Ok(Self {
            session: builder.build()?,
            store,
            found: kept.map_or(Found::Nothing, Found::Session),
        })
    }

    /// A session that begins now. It takes the place of the one that is kept once it has tokens.
    pub(crate) fn begin(portal: Portal, credentials: Credentials) -> Result<Self, Failure> {
        Ok(Self {
            session: Session::builder(portal).credentials(credentials).build()?,
            store: store()?,
            found: Found::Whatever,
        })
    }

    /// Keeps the session as it is now, unless it is as it was found, or another command has changed the file since.
    pub(crate) async fn keep(&self) -> Result<(), Failure> {
        // A renewal may be under way behind; what it brings is not to be lost with the process.
        let _ = self.session.settled().await;
        let now = self.session.stored();
        let found = match &self.found {
            Found::Session(found) => Some(found),
            Found::Nothing | Found::Whatever => None,
        };
        let unchanged = is_same(found, now.as_ref());
        let is_ours = || match &self.found {
            Found::Whatever => Ok(true),
            _ => Ok::<_, Failure>(is_same(found, self.store.load()?.as_ref())),
        };
        if unchanged || !is_ours()? {
            return Ok(());
        }
        match now {
            Some(now) => self.store.save(&now)?,
            None => self.store.remove()?,
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

fn is_same(one: Option<&StoredSession>, other: Option<&StoredSession>) -> bool {
    let tokens = |it: &StoredSession| (it.access_token.clone(), it.refresh_token.clone());
    one.map(tokens) == other.map(tokens)
}
