//! The session that this user of the machine keeps between two commands.

use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
use prancer_auth::store::{FileStore, SessionStore as _, StoredSession};
use prancer_auth::{Change, Credentials, Portal, Session};

use crate::arguments::Place;
use crate::failure::Failure;

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

/// The session that is kept. Credentials in the environment serve where it has ended, or where there is none.
pub(crate) async fn open(place: &Place) -> Result<(Session, Option<StoredSession>), Failure> {
    let store = store()?;
    let kept = store.load().await?;
    let mut builder = Session::builder(place.portal_or_kept(kept.as_ref())?);
    if let Ok(credentials) = Credentials::from_env() {
        builder = builder.credentials(credentials);
    }
    Ok((builder.store(store).on_change(warn).build()?, kept))
}

/// A session that begins now. It takes the place of the one that is kept once it has tokens.
pub(crate) async fn begin(portal: Portal, credentials: Credentials) -> Result<Session, Failure> {
    let store = store()?;
    // What cannot be read is not overwritten: better to hear of it before the login.
    store.load().await?;
    let builder = Session::builder(portal).credentials(credentials);
    Ok(builder.store(store).on_change(warn).build()?)
}

fn warn(change: &Change) {
    if let Change::StoreFailed(error) = change {
        let failure = Failure::from(error.clone());
        eprintln!("{failure} (the session goes on for this command alone)");
    }
}
