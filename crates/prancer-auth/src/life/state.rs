//! Where a session stands.

use std::time::Duration;

use super::decision::Why;
use super::now::Now;
use super::policy::Policy;

/// Where a session stands.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// What it has.
    pub phase: Phase,
    /// Whether there is something to log in with that was not refused.
    pub credentials: bool,
    /// Counts the tokens, and the ends of them; what belongs to an older one is void.
    pub generation: u64,
    /// The exchange under way.
    pub flight: Option<Flight>,
    /// The newest exchange failed, and the next one waits.
    pub trouble: Option<Trouble>,
    /// The life that a renewal gives, as far as is known.
    pub renewed_lifetime: Duration,
    /// Counts the exchanges.
    pub flights: u64,
}

/// What a session has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Phase {
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
pub struct Life {
    /// From before the token was asked for.
    pub since: Now,
    /// How long it lives from then on.
    pub lifetime: Duration,
    /// Its renewal is due when so much is left.
    pub window: Duration,
    /// A secure API said that the token is not good.
    pub refused: bool,
    /// A secure API refused the token as soon as it was there: not the token seems to be at fault.
    pub disputed: bool,
    /// Why no refresh follows this token, where none does.
    pub ending: Option<Why>,
}

/// The exchange under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    /// Which one.
    pub id: u64,
    /// When it was last heard of.
    pub since: Now,
    /// What is asked.
    pub exchange: Exchange,
    /// Whether somebody waits for it.
    pub awaited: bool,
    /// How often it has failed so far.
    pub failures: u32,
    /// How long it waits before it asks.
    pub pause: Duration,
}

/// What is asked of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// New tokens, with the credentials.
    LogIn,
    /// New tokens, with credentials that are offered: they are the session's only once they have brought some.
    Offer,
    /// A new access token, with the refresh token.
    Refresh,
}

/// A failure that is remembered for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// How many exchanges have failed in a row.
    pub failures: u32,
    /// Since when it is waited.
    pub since: Now,
    /// How long the next exchange waits from then on.
    pub wait: Duration,
    /// How much of that the portal has asked for.
    pub asked: Duration,
}

impl State {
    /// A session that nothing has happened to.
    pub fn new(credentials: bool, policy: &Policy) -> Self {
        Self {
            phase: Phase::New,
            credentials,
            generation: 0,
            flight: None,
            trouble: None,
            renewed_lifetime: policy.renewed_lifetime,
            flights: 0,
        }
    }

    /// The exchange under way. One that is silent for too long is none: its runtime may not run any more.
    pub fn under_way(&self, now: Now, policy: &Policy) -> Option<Flight> {
        // By the monotonic clock: what was under way when the machine went to sleep still is when it wakes.
        let silent = |flight: &Flight| now.monotonic.saturating_sub(flight.since.monotonic);
        self.flight
            .filter(|flight| silent(flight) < policy.longest_silence)
    }

    /// The exchange that brings the next token, or why there is none.
    pub fn next_exchange(&self) -> Result<Exchange, Why> {
        match self.phase {
            Phase::Live(Life { ending: None, .. }) => Ok(Exchange::Refresh),
            Phase::New | Phase::Expired | Phase::Live(_) if self.credentials => Ok(Exchange::LogIn),
            Phase::Live(Life {
                ending: Some(why), ..
            }) => Err(why),
            Phase::New => Err(Why::NotLoggedIn),
            Phase::Expired => Err(Why::SessionExpired),
            Phase::Refused => Err(Why::CredentialsRefused),
            Phase::LoggedOut => Err(Why::LoggedOut),
        }
    }

    /// How long somebody who has no token still waits before the next exchange.
    pub fn retry_in(&self, now: Now, policy: &Policy) -> Option<Duration> {
        let trouble = self.trouble?;
        // The wait was for a token that has time; without one, only what the portal asked for counts.
        let bound = trouble.asked.max(policy.shortest_backoff_bound);
        let remaining = trouble
            .wait
            .min(bound)
            .saturating_sub(now.since(trouble.since));
        (!remaining.is_zero()).then_some(remaining)
    }

    /// How long the token that is there can still be handed out, zero where there is none.
    pub fn usable(&self, now: Now, policy: &Policy) -> Duration {
        match self.phase {
            Phase::Live(life) => life.left(now).saturating_sub(policy.margin(life.lifetime)),
            _ => Duration::ZERO,
        }
    }
}

impl Life {
    /// How long the token is still good.
    pub fn left(&self, now: Now) -> Duration {
        if self.refused {
            Duration::ZERO
        } else {
            self.lifetime.saturating_sub(now.since(self.since))
        }
    }
}

impl Trouble {
    /// How long the next exchange still waits.
    pub fn remaining(&self, now: Now) -> Duration {
        self.wait.saturating_sub(now.since(self.since))
    }
}
