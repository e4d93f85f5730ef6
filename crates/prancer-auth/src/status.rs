//! How a session stands.

use std::time::Duration;

use crate::api::transient_error::TransientError;
use crate::engine::Engine;
use crate::lifecycle::{NoToken, Phase, State};
use crate::store::StoreError;

/// How a session stands, at one moment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Status {
    /// What it has.
    pub state: State,
    /// The email address of the user, where it is known.
    pub email: Option<String>,
    /// The customer id, where it is known.
    pub customer_id: Option<String>,
    /// How long the access token is still good, where there is one.
    pub valid_for: Option<Duration>,
    /// In how long its renewal is due, where there is one; zero when it is due.
    pub renews_in: Option<Duration>,
    /// Whether an exchange with the portal is in flight.
    pub exchanging: bool,
    /// How many exchanges with the portal have begun, logins and refreshes; attempts of one are not counted apart.
    pub exchanges: u64,
    /// Where the session is stored, where it has a store.
    pub store: Option<String>,
    /// Why the store failed, until it answers again.
    pub store_failure: Option<StoreError>,
    /// Why tokens that the session does not use could not be ended at the portal, where that is so: they stay valid until they expire.
    pub not_revoked: Option<TransientError>,
    /// The last failure, and how long ago it was, until the portal gives another answer.
    pub failure: Option<(TransientError, Duration)>,
}

impl Status {
    pub(crate) fn of(engine: &Engine) -> Self {
        let now = engine.context.now();
        let store = engine.context.sync.as_ref();
        let store = store.map(|sync| sync.store.location());
        engine.coordinator.update(|session| {
            let lifecycle = &session.lifecycle;
            let life = match lifecycle.phase {
                Phase::LoggedIn(life) => Some(life),
                _ => None,
            };
            let no_refresh = life.and_then(|life| life.no_refresh);
            let no_refresh = no_refresh.filter(|_| !session.has_good_token(now));
            let failure = session.failure.as_ref();
            let failure = failure.filter(|_| lifecycle.backoff.is_some());
            Self {
                state: match no_refresh {
                    Some(NoToken::CredentialsRejected) => State::Rejected,
                    Some(_) => State::Expired,
                    None => lifecycle.phase.state(),
                },
                email: session.identity.email.clone(),
                customer_id: session.identity.customer_id.clone(),
                valid_for: session.valid_for(now),
                renews_in: life.map(|life| life.left(now).saturating_sub(life.window)),
                exchanging: lifecycle.in_flight.is_some(),
                exchanges: lifecycle.exchanges,
                store,
                store_failure: session.store_failure.clone(),
                not_revoked: session.not_revoked.clone(),
                failure: failure.map(|(error, since)| (error.clone(), now.since(*since))),
            }
        })
    }
}
