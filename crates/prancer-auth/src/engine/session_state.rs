//! What a session knows between two calls.

use std::time::Duration;

use super::effects::Effects;
use super::exchange_state::ExchangeState;
use crate::api::jwt;
use crate::api::rejection::Rejection;
use crate::api::tokens::Tokens;
use crate::api::transient_error::TransientError;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{Event, Identity, Lifecycle, NoToken, Now, Pending, Policy, Replica, apply};
use crate::settings::credentials::Credentials;
use crate::store::{StoreError, StoredLogout, milliseconds};

/// What a session knows between two calls. The lifecycle decides which fields are in use. What is rarely there is boxed: a program may
/// have many sessions.
pub(crate) struct SessionState {
    pub(crate) policy: &'static Policy,
    pub(crate) lifecycle: Lifecycle,
    /// Whose session it is, as far as is known. It changes only by a login that a caller asked for.
    pub(crate) identity: Identity,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) credentials: Option<Credentials>,
    /// Since when the session holds its credentials, in milliseconds since 1970.
    pub(crate) credentials_since_ms: u64,
    /// What the portal said when it last rejected something.
    pub(crate) rejection: Option<Box<Rejection>>,
    /// Why the last exchange failed.
    pub(crate) failure: Option<Box<(TransientError, Now)>>,
    /// What the portal's clock said, and when that was here.
    pub(super) portal_clock: Option<(Duration, Now)>,
    /// What it knows of its store, where it has one.
    pub(crate) replica: Option<Box<Replica>>,
    /// Tokens of this session and of the store that others replace. They are ended once those are saved: until then, others may use them.
    pub(super) replaced: Vec<Tokens>,
    /// Why the store failed, and when, until it answers again.
    pub(crate) store_failure: Option<Box<(StoreError, Now)>>,
    /// Why tokens that the session does not use could not be ended at the portal, until it is logged in anew.
    pub(crate) not_revoked: Option<Box<TransientError>>,
    /// Why the answer to a login was lost, whose tokens may live on. It is told with the next login or logout.
    pub(super) lost_login: Option<Box<TransientError>>,
    /// The last logout, for as long as the session is logged out.
    pub(super) logout: Option<StoredLogout>,
    /// What the lifecycle does not know of the exchange in flight.
    pub(super) exchange: Option<Box<ExchangeState>>,
    /// How many tasks of exchanges and logouts are running, cancelled ones included.
    pub(crate) tasks: u32,
}

impl SessionState {
    pub(crate) fn new(
        identity: Identity,
        credentials: Option<Credentials>,
        shared: bool,
        now: Now,
        policy: &'static Policy,
    ) -> Self {
        Self {
            policy,
            lifecycle: Lifecycle::new(credentials.is_some(), policy),
            identity,
            tokens: None,
            credentials,
            credentials_since_ms: milliseconds(now.wall),
            rejection: None,
            failure: None,
            portal_clock: None,
            replica: shared.then(Box::default),
            replaced: Vec::new(),
            not_revoked: None,
            lost_login: None,
            store_failure: None,
            logout: None,
            exchange: None,
            tasks: 0,
        }
    }

    pub(crate) fn apply(&mut self, event: Event, now: Now) {
        self.lifecycle = apply(&self.lifecycle, event, now, self.policy);
    }

    /// Whether there is a token that can be handed out.
    pub(crate) fn has_good_token(&self, now: Now) -> bool {
        !self.lifecycle.usable(now, self.policy).is_zero()
    }

    /// How long a session whose token can no longer be handed out may wait for its store; `None` while the token is good.
    pub(super) fn last_margin(&self, now: Now) -> Option<Duration> {
        let life = self.lifecycle.token.ok();
        let life = life.filter(|_| !self.has_good_token(now))?;
        let margin = self.policy.margin(life.lifetime);
        Some(margin.min(self.policy.store_call))
    }

    /// How long the access token is still good, `None` where there is none.
    pub(crate) fn valid_for(&self, now: Now) -> Option<Duration> {
        self.lifecycle.token.ok().map(|life| life.left(now))
    }

    /// Forgets the tokens and cancels the exchange in flight. Returns what the portal is to end.
    ///
    /// `first` is false if the session was already logged out: that logout stands, and ends no later login.
    pub(super) fn log_out(&mut self, first: bool, now: Now) -> (Option<Tokens>, Effects) {
        let changed = self.lifecycle.token != Err(NoToken::LoggedOut);
        let (tokens, mut effects) = self.end_session(Event::LoggedOut, now);
        if first || changed {
            let at_ms = milliseconds(now.wall);
            let earlier = self.logout.map_or(0, |it| it.until_ms);
            let until_ms = self.marker_until_ms(&tokens, now).max(earlier);
            let remote = self.replica.as_ref().and_then(|it| it.remote);
            // Where nothing is known to log out of, there is nothing to write.
            let known = tokens.is_some() || self.store_failure.is_some() || remote.is_some();
            self.logout = known.then_some(StoredLogout { at_ms, until_ms });
            if let Some(replica) = &mut self.replica {
                replica.local = Some(replica.logged_out(at_ms));
                replica.pending = if known {
                    Pending::Logout
                } else {
                    Pending::Nothing
                };
            }
        }
        effects.then(self.tell_lost_login());
        (tokens, effects)
    }

    /// Forgets the tokens, which are returned, after a logout here or elsewhere, and cancels the exchange that it cancels.
    pub(super) fn end_session(&mut self, logout: Event, now: Now) -> (Option<Tokens>, Effects) {
        let was_logged_out = self.lifecycle.token == Err(NoToken::LoggedOut);
        self.apply(logout, now);
        let mut effects = self.end(Err(Error::LoggedOut));
        if !was_logged_out {
            effects.events.push(SessionEvent::LoggedOut);
        }
        (self.tokens.take(), effects)
    }

    /// The answer to a login was lost, and with it the tokens that it may have brought.
    pub(super) fn tell_lost_login(&mut self) -> Effects {
        let Some(error) = self.lost_login.take() else {
            return Effects::default();
        };
        self.not_revoked = Some(error.clone());
        Effects::event(SessionEvent::NotRevoked(*error))
    }

    /// There are tokens again: what ended the last ones is over. Credentials that were rejected still are, and what the portal said of them.
    pub(super) fn has_tokens(&mut self) {
        self.logout = None;
        if self.credentials.is_none() || self.lifecycle.credentials_from.is_some() {
            self.rejection = None;
        }
    }

    /// Where a rejection has ended the session, its tokens are of no more use.
    pub(super) fn forget_dead_tokens(&mut self) {
        if self.lifecycle.token.is_err() {
            self.tokens = None;
        }
    }

    /// Until when a logout is remembered: longer than any token lives that it ends.
    pub(super) fn marker_until_ms(&self, tokens: &Option<Tokens>, now: Now) -> u64 {
        let unknown = now.wall.saturating_add(self.policy.refresh_token_lifetime);
        let own = tokens
            .as_ref()
            .and_then(|it| jwt::times(it.refresh.expose()));
        milliseconds(own.map_or(unknown, |it| it.expires_at.max(unknown)))
    }

    pub(super) fn denied(&self, why: NoToken) -> Error {
        match (why, self.rejection.as_deref()) {
            (NoToken::CredentialsRejected, Some(said)) => Error::CredentialsRejected(said.clone()),
            (NoToken::SessionExpired, Some(said)) => Error::SessionExpired(said.clone()),
            (NoToken::LoggedOut, _) => Error::LoggedOut,
            // There may be a session, but the store does not say.
            _ => match &self.store_failure {
                Some(failure) => Error::Store(failure.0.clone()),
                None => Error::NotLoggedIn,
            },
        }
    }

    pub(super) fn try_later(&self, retry_in: Duration) -> Error {
        let source = self.failure.as_deref().map(|(error, _)| error.clone());
        Error::TryLater {
            source: source.unwrap_or(TransientError::Interrupted),
            retry_in,
        }
    }
}
