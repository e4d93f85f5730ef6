//! Where a session stands, and what an event makes of it. No clock, no I/O, no secrets.

use std::time::Duration;

use crate::clock::Now;

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    /// Whether there is something to log in with that was not refused.
    pub(crate) credentials: bool,
    /// Counts the changes of the token; what belongs to an older one is void.
    pub(crate) generation: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nobody has logged in.
    New,
    /// There are tokens.
    Live(Life),
    /// The portal refused the refresh token.
    Expired,
    /// The portal refused the credentials.
    Refused,
    /// Somebody logged out.
    LoggedOut,
}

/// The life of an access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Life {
    /// From before the token was asked for.
    pub(crate) since: Now,
    pub(crate) lifetime: Duration,
    /// A secure API said that the token is not good.
    pub(crate) refused: bool,
}

impl Life {
    /// How long the token is still good.
    pub(crate) fn left(&self, now: Now) -> Duration {
        if self.refused {
            Duration::ZERO
        } else {
            self.lifetime.saturating_sub(now.since(self.since))
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// A login or a refresh, asked for at that time, brought tokens.
    Renewed { since: Now, lifetime: Duration },
    /// The portal refused the refresh token.
    RefreshRefused,
    /// The portal refused the credentials.
    LoginRefused,
    /// New credentials were given.
    CredentialsGiven,
    /// A secure API refused the token of this generation.
    TokenRefused { generation: u64 },
    /// Somebody logs out.
    LoggedOut,
}

/// What the event makes of the state.
pub(crate) fn apply(state: &State, event: Event) -> State {
    let mut next = state.clone();
    match event {
        Event::Renewed { since, lifetime } => {
            next.generation += 1;
            next.phase = Phase::Live(Life {
                since,
                lifetime,
                refused: false,
            });
        }
        Event::RefreshRefused => next.phase = Phase::Expired,
        Event::LoginRefused => {
            next.credentials = false;
            next.phase = Phase::Refused;
        }
        Event::CredentialsGiven => {
            next.credentials = true;
            next.generation += 1;
            next.phase = Phase::New;
        }
        Event::TokenRefused { generation } => {
            if let Phase::Live(life) = &mut next.phase
                && generation == state.generation
            {
                life.refused = true;
            }
        }
        Event::LoggedOut => {
            next.generation += 1;
            next.phase = Phase::LoggedOut;
        }
    }
    next
}
