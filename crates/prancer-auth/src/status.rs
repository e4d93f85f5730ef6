//! How a session stands.

use std::time::Duration;

use crate::engine::Engine;
use crate::keeping::Keeping;
use crate::life::{Phase, Why};
use crate::store::StoreError;
use crate::trouble::Trouble;

/// How a session stands, at one moment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Status {
    /// What it has.
    pub standing: Standing,
    /// The email address of the user, where it is known.
    pub email: Option<String>,
    /// How long the access token is still good, where there is one.
    pub valid_for: Option<Duration>,
    /// In how long its renewal is due, where there is one; zero when it is due.
    pub renews_in: Option<Duration>,
    /// Whether an exchange with the portal is under way.
    pub exchanging: bool,
    /// How many exchanges with the portal have begun, logins and refreshes; attempts of one are not counted apart.
    pub exchanges: u64,
    /// Where the session is kept for others, if it is.
    pub store: Option<String>,
    /// Why the store was last away, until it is back.
    pub store_failure: Option<StoreError>,
    /// The newest failure, and how long ago it was, until the portal gives another answer.
    pub failure: Option<(Trouble, Duration)>,
}

/// What a session has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Standing {
    /// Nobody has logged in.
    New,
    /// There are tokens.
    LoggedIn,
    /// The portal refused the refresh token.
    Expired,
    /// The portal refused the credentials.
    Refused,
    /// Somebody logged out.
    LoggedOut,
}

impl Engine {
    pub(crate) fn status(&self) -> Status {
        let now = self.now();
        self.hub.look(|memory| {
            let state = &memory.state;
            let life = match state.phase {
                Phase::Live(life) => Some(life),
                _ => None,
            };
            let over = state.usable(now, &self.hub.policy).is_zero();
            let failure = memory.trouble.as_ref().filter(|_| state.trouble.is_some());
            Status {
                standing: match state.phase {
                    Phase::New => Standing::New,
                    Phase::Live(life) => match life.ending {
                        Some(Why::CredentialsRefused) if over => Standing::Refused,
                        Some(_) if over => Standing::Expired,
                        _ => Standing::LoggedIn,
                    },
                    Phase::Expired => Standing::Expired,
                    Phase::Refused => Standing::Refused,
                    Phase::LoggedOut => Standing::LoggedOut,
                },
                email: memory.email.clone(),
                valid_for: life.map(|life| life.left(now)),
                renews_in: life.map(|life| life.left(now).saturating_sub(life.window)),
                exchanging: state.flight.is_some(),
                exchanges: state.flights,
                store: self.outside.keeping.as_ref().map(Keeping::place),
                store_failure: memory.kept.as_ref().and_then(|kept| kept.error.clone()),
                failure: failure.map(|(trouble, since)| (trouble.clone(), now.since(*since))),
            }
        })
    }
}
