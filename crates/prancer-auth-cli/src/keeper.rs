//! The session of this profile, between two commands.

use std::sync::OnceLock;

use prancer_auth::store::{SessionStore as _, StoredSession};
use prancer_auth::{Credentials, Identity, Portal, Session, SessionEvent};

use crate::failure::Failure;
use crate::place::{self, Store};
use crate::settings::Settings;
use crate::source::{Setting, Source};

/// The session of this process, for whoever interrupts it.
static CURRENT: OnceLock<Session> = OnceLock::new();

/// A session that is kept, or could be.
pub(crate) struct Keeper {
    pub(crate) session: Session,
    pub(crate) kept: Option<StoredSession>,
    pub(crate) store_source: Source,
    pub(crate) portal_source: Source,
}

impl Keeper {
    /// The session that is kept. Credentials in the environment serve where it has ended, or where there is none.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let (store, store_source) = place::find(settings).await?;
        let kept = store.load().await?;
        let (portal, portal_source) = match (settings.portal()?, &kept) {
            (Some(portal), _) => {
                let said = settings.portal.as_ref().or(settings.tenant.as_ref());
                let said = said.or(settings.company.as_ref());
                (portal, said.map_or(Source::Default, |it| it.source))
            }
            (None, Some(kept)) => (Portal::new(&kept.identity.portal)?, Source::Session),
            (None, None) => (Portal::new(Portal::PUBLIC)?, Source::Default),
        };
        let identity = expected(settings, &portal);
        let mut builder = Session::builder(portal).identity(identity);
        if let Ok(credentials) = Credentials::from_env() {
            builder = builder.credentials(credentials);
        }
        let session = current(builder.store(store).on_event(warn).build()?);
        if settings.verbose {
            let profile = &settings.profile;
            anstream::eprintln!(
                "profile {} ({}), portal {} ({portal_source}), session in {} ({store_source})",
                profile.value,
                profile.source,
                session.portal(),
                session.status().store.unwrap_or_default(),
            );
        }
        Ok(Self {
            session,
            kept,
            store_source,
            portal_source,
        })
    }

    /// Fails where nobody is logged in.
    pub(crate) fn stored(&self) -> Result<&StoredSession, Failure> {
        let kept = self.kept.as_ref().filter(|kept| kept.tokens.is_some());
        kept.ok_or_else(Failure::not_logged_in)
    }
}

/// Whose session the environment expects, as far as it says so.
fn expected(settings: &Settings, portal: &Portal) -> Identity {
    let said = |setting: &Option<Setting>| {
        let setting = setting.as_ref();
        let setting = setting.filter(|it| it.source == Source::Environment);
        setting.map(|it| it.value.clone())
    };
    let mut identity = Identity::new(portal.url().as_str());
    if let Some(customer_id) = said(&settings.customer_id) {
        identity = identity.with_customer_id(customer_id);
    }
    if let Some(email) = said(&settings.email) {
        identity = identity.with_email(email);
    }
    identity
}

/// A session that begins now. It takes the place of the one that is kept once it has tokens.
pub(crate) async fn begin(
    store: Store,
    portal: Portal,
    credentials: Credentials,
) -> Result<Session, Failure> {
    // What cannot be read is not overwritten: better to hear of it before the login.
    store.load().await?;
    let builder = Session::builder(portal).credentials(credentials);
    Ok(current(builder.store(store).on_event(warn).build()?))
}

/// The session of this process, if it has one by now.
pub(crate) fn current_session() -> Option<&'static Session> {
    CURRENT.get()
}

fn current(session: Session) -> Session {
    let _ = CURRENT.set(session.clone());
    session
}

fn warn(change: &SessionEvent) {
    if let SessionEvent::StoreFailed(error) = change {
        let failure = Failure::from(error.clone());
        anstream::eprintln!("{failure} (the session goes on for this command alone)");
    }
}
