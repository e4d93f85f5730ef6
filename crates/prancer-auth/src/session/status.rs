//! The state of a session.

use std::time::Duration;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use crate::api::transient_error::TransientError;
use crate::engine::Engine;
use crate::lifecycle::{NoToken, State};
use crate::store::StoreError;

/// The state of a session at one moment.
///
/// It serializes to an object for logs and health checks: the state as `new`, `logged_in`, `expired`, `rejected` or `logged_out`, times in
/// whole seconds (`valid_for_s`, `renews_in_s`, `failed_s_ago`), failures as they are displayed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Status {
    /// Its state, such as logged in or expired.
    pub state: State,
    /// The email address of the user, where it is known.
    pub email: Option<String>,
    /// The customer id, where it is known.
    pub customer_id: Option<String>,
    /// How long the access token is still good, where there is one.
    pub valid_for: Option<Duration>,
    /// How long until the renewal of the access token is due, if there is a token; zero when it is due.
    pub renews_in: Option<Duration>,
    /// Whether an exchange with the portal is in flight.
    pub exchanging: bool,
    /// How many exchanges with the portal (logins and refreshes) have begun. Repeated attempts of one exchange count
    /// once.
    pub exchanges: u64,
    /// Where the session is stored, where it has a store.
    pub store: Option<String>,
    /// Why the store failed, until it answers again.
    pub store_failure: Option<StoreError>,
    /// Why tokens that the session does not use could not be ended at the portal, if that happened. They stay valid
    /// until they expire.
    pub not_revoked: Option<TransientError>,
    /// The last failure, and how long ago it was, until the portal gives another answer.
    pub failure: Option<(TransientError, Duration)>,
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let seconds = |time: Duration| time.as_secs();
        let failure = self.failure.as_ref();
        let mut object = serializer.serialize_struct("Status", 12)?;
        object.serialize_field("state", &self.state)?;
        object.serialize_field("email", &self.email)?;
        object.serialize_field("customer_id", &self.customer_id)?;
        object.serialize_field("valid_for_s", &self.valid_for.map(seconds))?;
        object.serialize_field("renews_in_s", &self.renews_in.map(seconds))?;
        object.serialize_field("exchanging", &self.exchanging)?;
        object.serialize_field("exchanges", &self.exchanges)?;
        object.serialize_field("store", &self.store)?;
        let store_failure = self.store_failure.as_ref().map(StoreError::to_string);
        object.serialize_field("store_failure", &store_failure)?;
        let not_revoked = self.not_revoked.as_ref().map(TransientError::to_string);
        object.serialize_field("not_revoked", &not_revoked)?;
        object.serialize_field("failure", &failure.map(|(error, _)| error.to_string()))?;
        object.serialize_field("failed_s_ago", &failure.map(|(_, since)| seconds(*since)))?;
        object.end()
    }
}

impl Status {
    pub(crate) fn of(engine: &Engine) -> Self {
        let now = engine.now();
        let store = engine.coordinator.context.store.as_ref();
        let store = store.map(|it| it.location());
        engine.coordinator.update(|session| {
            let lifecycle = &session.lifecycle;
            let life = lifecycle.token.ok();
            let no_refresh = life.and_then(|life| life.no_refresh);
            let no_refresh = no_refresh.filter(|_| !session.has_good_token(now));
            let failure = session.failure.as_deref();
            let failure = failure.filter(|_| lifecycle.backoff.is_some());
            Self {
                state: match no_refresh {
                    Some(NoToken::CredentialsRejected) => State::Rejected,
                    Some(_) => State::Expired,
                    None => lifecycle.state(),
                },
                email: session.identity.email.clone(),
                customer_id: session.identity.customer_id.clone(),
                valid_for: session.valid_for(now),
                renews_in: life.map(|life| life.left(now).saturating_sub(life.window)),
                exchanging: lifecycle.in_flight.is_some(),
                exchanges: lifecycle.exchanges,
                store,
                store_failure: session.store_failure.as_ref().map(|it| it.0.clone()),
                not_revoked: session.not_revoked.as_deref().cloned(),
                failure: failure.map(|(error, since)| (error.clone(), now.since(*since))),
            }
        })
    }
}
