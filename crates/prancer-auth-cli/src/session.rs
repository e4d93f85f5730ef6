//! The session of this profile, between two commands.

use std::time::Duration;

use prancer_auth::store::{InvalidFormat, SessionStore as _, StoreError, StoredSession};
use prancer_auth::{Credentials, Error, Identity, Portal, Session, SessionBuilder, SessionEvent};

use crate::current;
use crate::failure::Failure;
use crate::output;
use crate::plain_text::one_line;
use crate::settings::Settings;
use crate::source::Source;
use crate::store::{self, Store};

/// A session that is stored, or could be.
pub(crate) struct OpenSession {
    pub(crate) session: Session,
    pub(crate) stored: Option<StoredSession>,
    pub(crate) store_source: Source,
    pub(crate) portal_source: Source,
    identity: Identity,
    credentials: Option<Credentials>,
}

impl OpenSession {
    /// The session that is stored. Credentials of the environment serve where it has ended, or where there is none.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, Failure> {
        let (store, source) = store::find(settings).await?;
        Self::open_in(settings, store, source).await
    }

    /// The same for a process that lasts: it renews ahead of need, and goes on alone while its store fails. A request may take as long
    /// as `request_timeout`.
    pub(crate) async fn open_lasting(
        settings: &Settings,
        request_timeout: Duration,
    ) -> Result<Self, Failure> {
        let (store, source) = store::find(settings).await?;
        let events = |event: &SessionEvent| {
            warn(event);
            if let SessionEvent::StoreFailed(_) = event {
                output::say(format_args!("warning: {}", one_line(&event.to_string())));
            }
        };
        let lasting = |it: SessionBuilder| it.on_event(events).request_timeout(request_timeout);
        Self::open_by(settings, store, source, lasting).await
    }

    /// The session of this store.
    pub(crate) async fn open_in(
        settings: &Settings,
        store: Store,
        store_source: Source,
    ) -> Result<Self, Failure> {
        let short = |it: SessionBuilder| it.short_lived().on_event(warn);
        Self::open_by(settings, store, store_source, short).await
    }

    async fn open_by(
        settings: &Settings,
        store: Store,
        store_source: Source,
        build: impl FnOnce(SessionBuilder) -> SessionBuilder,
    ) -> Result<Self, Failure> {
        let stored = store.load().await.map_err(unreadable)?;
        let (portal, portal_source) = settings.portal_of(stored.as_ref())?;
        let (identity, credentials) = (settings.identity(&portal), settings.credentials());
        let mut builder = build(Session::builder(portal).store(store)).identity(identity.clone());
        if let Some(credentials) = &credentials {
            settings.check_portal(stored.as_ref())?;
            builder = builder.credentials(credentials.clone());
        }
        let session = of_process(builder.build()?);
        if settings.verbose {
            let profile = &settings.profile;
            output::say(format_args!(
                "profile {} ({}), portal {} ({portal_source}), session in {} ({store_source})",
                profile.value,
                profile.source,
                session.portal(),
                session.status().store.unwrap_or_default(),
            ));
        }
        Ok(Self {
            session,
            stored,
            store_source,
            portal_source,
            identity,
            credentials,
        })
    }

    /// What is known to be stored; fails where there are no tokens.
    pub(crate) fn stored(&self) -> Result<StoredSession, Failure> {
        let now = self.session.stored();
        let stored = now.or_else(|| self.stored.clone());
        let stored = stored.filter(|it| it.tokens.is_some());
        stored.ok_or_else(Failure::not_logged_in)
    }

    /// The same session apart from its store, for questions that send nothing. It fails where the stored session is another's.
    pub(crate) fn apart(&self) -> Result<Session, Failure> {
        let mut builder = Session::builder(self.session.portal().clone());
        if let Some(credentials) = &self.credentials {
            builder = builder.credentials(credentials.clone());
        }
        let builder = builder.identity(self.identity.clone());
        Ok(builder.resume(self.stored()?).build()?)
    }

    /// Fails where the portal has rejected the refresh token, so that the access token is dead as well, as far as is known.
    /// With credentials, it logs in instead.
    pub(crate) async fn revived(&self) -> Result<(), Failure> {
        match self.rejected() {
            Some(_) if self.credentials.is_some() => Ok(self.session.login().await?),
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// The failure of a session whose refresh token the portal has rejected.
    pub(crate) fn rejected(&self) -> Option<Failure> {
        let noted = self.stored.as_ref()?.refresh_rejected.as_ref()?;
        let message = format!(
            "the session has expired: {} (HTTP status {})",
            noted.message, noted.status
        );
        Some(Failure::login_needed(message))
    }

    /// Whether it can log in again by itself.
    pub(crate) fn revives(&self) -> bool {
        self.credentials.is_some()
    }

    /// Fails where tokens came that could not be saved.
    pub(crate) fn saved(&self) -> Result<(), Failure> {
        let tokens = |it: Option<&StoredSession>| it.and_then(|it| it.tokens.clone());
        let now = self.session.stored();
        match self.session.status().store_failure {
            Some(error) if tokens(now.as_ref()) != tokens(self.stored.as_ref()) => {
                Err(Failure::unsaved(&error, "stay valid until they expire"))
            }
            _ => Ok(()),
        }
    }
}

/// Waits until nothing is in flight. What could not be saved is reported apart.
pub(crate) async fn settled(session: &Session) -> Result<(), Error> {
    match session.settled().await {
        Err(Error::Store(_)) => Ok(()),
        settled => settled,
    }
}

/// A session that begins now. It replaces the one that is stored once it has tokens.
pub(crate) fn begin(
    store: Store,
    portal: Portal,
    credentials: Credentials,
) -> Result<Session, Failure> {
    let builder = Session::builder(portal).credentials(credentials);
    let builder = builder.store(store).short_lived().on_event(warn);
    Ok(of_process(builder.build()?))
}

/// Ends tokens at the portal; no store is touched.
pub(crate) async fn end(stored: StoredSession) -> Result<(), Error> {
    let Ok(portal) = Portal::new(&stored.identity.portal) else {
        return Err(Error::OtherPortal(stored.identity.portal));
    };
    let session = Session::builder(portal).resume(stored).build()?;
    session.logout().await
}

/// What the portal says without this session's tokens, which something before it may repeat.
pub(crate) fn without_tokens(said: &str) -> String {
    let stored = current::session().and_then(|it| it.stored());
    match stored.and_then(|it| it.tokens) {
        Some(it) => said
            .replace(it.access_token.expose(), "...")
            .replace(it.refresh_token.expose(), "..."),
        None => said.to_owned(),
    }
}

fn of_process(session: Session) -> Session {
    current::set(&session);
    session
}

/// Whether a session is damaged, so that nothing of it can be used.
pub(crate) fn is_damaged(error: &StoreError) -> bool {
    let StoreError::Invalid { source, .. } = error else {
        return false;
    };
    matches!(source, InvalidFormat::Damaged { .. })
}

fn unreadable(error: StoreError) -> Failure {
    match &error {
        StoreError::Invalid {
            location, source, ..
        } if is_damaged(&error) => {
            Failure::login_needed(format!("the session in {location} is {source}"))
        }
        _ => error.into(),
    }
}

fn warn(event: &SessionEvent) {
    if let SessionEvent::NotRevoked(error) = event {
        let error = one_line(&error.to_string());
        output::say(format_args!(
            "warning: the previous session's tokens could not be revoked, so they stay valid until they expire: {error}"
        ));
    }
}
