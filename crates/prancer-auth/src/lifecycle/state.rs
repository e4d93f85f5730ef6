//! What a session has, and what it is doing about it.

use std::time::Duration;

use super::backoff::Backoff;
use super::policy::Policy;
use super::time::Now;

/// What a session has, and what it is doing about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Lifecycle {
    /// The life of its token, or why it has none.
    pub token: Result<Life, NoToken>,
    /// From when on there are credentials to log in with, `None` while there are none, or after the portal has rejected them.
    pub credentials_from: Option<Now>,
    /// Counts the tokens that the session has had, and the ends of them.
    pub serial: u64,
    /// The exchange in flight.
    pub in_flight: Option<InFlight>,
    /// The last exchange failed, and the next one waits.
    pub backoff: Option<Backoff>,
    /// When a token was last renewed because an API rejected it, until that API accepts the new one.
    pub stale_since: Option<Now>,
    /// The life that a renewal gives, as far as is known.
    pub renewed_lifetime: Duration,
    /// Counts the exchanges.
    pub exchanges: u64,
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
    /// An API rejected the token.
    pub stale: bool,
    /// Why no refresh follows this token, where none does.
    pub no_refresh: Option<NoToken>,
}

/// The exchange in flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InFlight {
    /// Which one.
    pub id: u64,
    /// When it last made progress.
    pub heard: Now,
    /// Login or refresh.
    pub exchange: Exchange,
    /// Whether a caller waits for it.
    pub awaited: bool,
    /// Whether it is a login that a caller asked for: it takes the place of any session, and of a logout elsewhere.
    pub supersedes: bool,
    /// How often it has failed so far.
    pub failures: u32,
    /// How long it waits before it asks.
    pub pause: Duration,
    /// How far it has come.
    pub progress: Progress,
}

/// How far an exchange has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It waits for the store's lock, or for the portal.
    Asking,
    /// It has brought tokens. Callers get them once they are saved and the store's lock is released; until then they get the token
    /// before, if that is still good.
    Saving {
        /// The token before.
        before: Option<Life>,
    },
}

impl InFlight {
    /// Whether it has brought tokens that are not saved yet.
    pub fn is_saving(&self) -> bool {
        matches!(self.progress, Progress::Saving { .. })
    }
}

/// What is asked of the portal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// New tokens, with credentials.
    LogIn,
    /// A new access token, with the refresh token.
    Refresh,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoToken {
    /// There was no login.
    NotLoggedIn,
    /// The portal rejected the refresh token.
    SessionExpired,
    /// The portal rejected the credentials.
    CredentialsRejected,
    /// The session was logged out.
    LoggedOut,
}

impl Lifecycle {
    /// A session that nothing has happened to.
    pub fn new(credentials: bool, policy: &Policy) -> Self {
        Self {
            token: Err(NoToken::NotLoggedIn),
            credentials_from: credentials.then(Now::default),
            serial: 0,
            in_flight: None,
            backoff: None,
            stale_since: None,
            renewed_lifetime: policy.renewed_lifetime,
            exchanges: 0,
        }
    }

    /// The exchange in flight; `None` if it made no progress for `longest_silence`, since its runtime may not run any more.
    pub fn in_flight(&self, now: Now, policy: &Policy) -> Option<InFlight> {
        // By the monotonic clock, which stands still while the machine sleeps.
        let silent = |it: &InFlight| now.monotonic.saturating_sub(it.heard.monotonic);
        self.in_flight
            .filter(|it| silent(it) < policy.longest_silence)
    }

    /// Whether the token that is served until the new one is saved was rejected by an API.
    pub fn is_replacing_stale(&self) -> bool {
        let progress = self.in_flight.map(|it| it.progress);
        matches!(progress, Some(Progress::Saving { before: Some(life) }) if life.stale)
    }

    /// Whether there are credentials to log in with.
    pub fn can_log_in(&self, now: Now) -> bool {
        self.credentials_from
            .is_some_and(|from| !now.is_before(from))
    }

    /// The exchange that brings the next token, or why there is none.
    pub fn next_exchange(&self, now: Now) -> Result<Exchange, NoToken> {
        let why = match self.token {
            Ok(life) => life.no_refresh,
            Err(why) => Some(why),
        };
        match why {
            None => Ok(Exchange::Refresh),
            Some(why) if why != NoToken::LoggedOut && self.can_log_in(now) => Ok(Exchange::LogIn),
            Some(why) => Err(why),
        }
    }

    /// How long a caller that has no token still waits before the next exchange.
    pub fn retry_in(&self, now: Now) -> Option<Duration> {
        let backoff = self.backoff?;
        let wait = backoff.wait.min(backoff.without_token);
        let remaining = wait.saturating_sub(now.since(backoff.since));
        (!remaining.is_zero()).then_some(remaining)
    }

    /// How long the token can still be handed out, zero where there is none.
    pub fn usable(&self, now: Now, policy: &Policy) -> Duration {
        self.token
            .map_or(Duration::ZERO, |life| life.usable(now, policy))
    }
}

impl Life {
    /// How long the token can still be handed out.
    pub fn usable(&self, now: Now, policy: &Policy) -> Duration {
        self.left(now).saturating_sub(policy.margin(self.lifetime))
    }

    /// How long the token is still good.
    pub fn left(&self, now: Now) -> Duration {
        if self.stale {
            Duration::ZERO
        } else {
            self.lifetime.saturating_sub(now.since(self.since))
        }
    }
}
