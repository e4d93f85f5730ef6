//! What came of asking the portal: tokens, a rejection, or a failure for now.

use std::time::Duration;

use super::effects::Effects;
use super::exchange_state::Attempt;
use super::session_state::SessionState;
use crate::api::jwt;
use crate::api::rejection::Rejection;
use crate::api::tokens::Tokens;
use crate::api::transient_error::{Failure, TransientError};
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{Event, Exchange, Now, Pending};
use crate::store::milliseconds;

impl SessionState {
    /// Takes in the result of an attempt.
    pub(super) fn report(
        &mut self,
        attempt: &Attempt,
        result: Result<Tokens, Failure>,
        now: Now,
    ) -> Effects {
        let id = attempt.id;
        match (result, self.asking(id)) {
            (Ok(tokens), Some(_)) => self.renewed(attempt, tokens, now),
            (Ok(tokens), None) => self.late(attempt, tokens, now),
            // A rejected refresh counts only against the tokens that it was for, and never against the credentials: the tokens may have been
            // replaced meanwhile, or the store may have said that they are rejected, and the exchange logs in by now.
            (Err(Failure::Rejected(_)), Some(it))
                if !attempt.request.is_login()
                    && (it.exchange == Exchange::LogIn
                        || attempt.serial != self.lifecycle.serial) =>
            {
                self.apply(Event::Heard(id), now);
                Effects::default()
            }
            (Err(Failure::Rejected(said)), Some(_)) => self.rejected(attempt, said, now),
            (Err(Failure::Transient(error)), Some(_)) => {
                if attempt.request.is_login() && error.is_unanswered() {
                    self.lost_login = Some(Box::new(error.clone()));
                }
                self.failed(id, error, now)
            }
            // The portal may have issued tokens all the same.
            (Err(Failure::Transient(error)), None)
                if self.is_orphan(attempt) && error.is_unanswered() =>
            {
                self.not_revoked = Some(Box::new(error.clone()));
                Effects::event(SessionEvent::NotRevoked(error))
            }
            (Err(_), None) => Effects::default(),
        }
    }

    fn renewed(&mut self, attempt: &Attempt, tokens: Tokens, now: Now) -> Effects {
        let (id, since) = (attempt.id, attempt.since);
        let mut effects = Effects::default();
        let exchange = self.exchange.as_mut();
        if let Some(candidate) = exchange.and_then(|it| it.candidate.take()) {
            effects = self.replace_tokens();
            self.identity = candidate.identity_at(&self.identity.portal);
            if let Some(replica) = &mut self.replica {
                replica.foreign.take_if(|it| self.identity.matches(it));
            }
            self.credentials = Some(candidate);
            self.credentials_since_ms = milliseconds(now.wall);
        }
        let lifetime = self.lifetime(attempt, &tokens, now);
        let renewed = Event::Renewed {
            id,
            since,
            lifetime,
            chance: fastrand::f64(),
        };
        self.apply(renewed, now);
        effects.then(self.hold(attempt, tokens));
        if !self.has_good_token(now) {
            // Its refresh token may be the only one that lives: the exchange goes on with that.
            self.apply(Event::Reopened(id), now);
            let error = TransientError::ExpiredOnArrival;
            effects.then(self.failed(id, error, now));
        }
        effects
    }

    /// Tokens of an exchange that was taken for lost. They are used unless newer ones came: with rotation, their refresh token may be the
    /// only one that lives. Those that are not used are ended, unless they end with those that are.
    fn late(&mut self, attempt: &Attempt, tokens: Tokens, now: Now) -> Effects {
        let identity = attempt.request.identity_at(&self.identity.portal);
        let ours = identity.as_ref().is_none_or(|it| self.identity.matches(it));
        if ours && attempt.serial == self.lifecycle.serial {
            if let Some(identity) = identity {
                self.identity = self.identity.clone().completed_by(&identity);
            }
            let adopted = Event::Adopted {
                since: attempt.since,
                lifetime: self.lifetime(attempt, &tokens, now),
                due: false,
                chance: fastrand::f64(),
            };
            let mut effects = Effects::default();
            if attempt.request.is_login() {
                effects = self.replace_tokens();
            }
            self.apply(adopted, now);
            effects.then(self.hold(attempt, tokens));
            let in_flight = self.lifecycle.in_flight;
            if in_flight.is_some_and(|it| !it.supersedes) && self.has_good_token(now) {
                effects.then(self.settle(Ok(()), now));
            }
            return effects;
        }
        Effects::revoke(self.is_orphan(attempt).then_some(tokens))
    }

    /// A login replaces the tokens. Others may use those that may be in a store until the new ones are: then they are ended.
    fn replace_tokens(&mut self) -> Effects {
        let tokens = self.tokens.take();
        if self.replica.is_none() {
            return Effects::revoke(tokens);
        }
        self.replaced.extend(tokens);
        Effects::default()
    }

    /// Whether what an attempt brings belongs to another login than the session's tokens, and does not end with them. A login that is not
    /// known may be the same.
    fn is_orphan(&self, attempt: &Attempt) -> bool {
        let another = |it: &Tokens| it.login.zip(attempt.login).is_some_and(|(a, b)| a != b);
        attempt.request.is_login() || self.tokens.as_ref().is_none_or(another)
    }

    /// Holds tokens that the portal has just issued.
    fn hold(&mut self, attempt: &Attempt, tokens: Tokens) -> Effects {
        let is_login = attempt.request.is_login();
        let login = if is_login {
            // What other languages read as a number, too.
            Some(fastrand::u64(1..1 << 53))
        } else {
            attempt.login
        };
        self.tokens = Some(Tokens { login, ..tokens });
        self.has_tokens();
        if let Some(replica) = &mut self.replica {
            let issued_at_ms = milliseconds(attempt.since.wall);
            let (version, pending) = match replica.pending {
                _ if is_login => (replica.logged_in(issued_at_ms), Pending::Login),
                Pending::Login => (replica.refreshed(issued_at_ms), Pending::Login),
                _ => (replica.refreshed(issued_at_ms), Pending::Tokens),
            };
            (replica.local, replica.pending) = (Some(version), pending);
        }
        if !is_login {
            return Effects::event(SessionEvent::Renewed);
        }
        self.not_revoked = None;
        let mut effects = Effects::event(SessionEvent::LoggedIn);
        effects.then(self.tell_lost_login());
        effects
    }

    /// The access token's life, counted from when it was asked for: its own, else the documented one. The portal's clock is noted.
    fn lifetime(&mut self, attempt: &Attempt, tokens: &Tokens, now: Now) -> Duration {
        let (asked, since) = (attempt.since.wall, attempt.since);
        let documented = if attempt.request.is_login() {
            jwt::LOGIN
        } else {
            jwt::REFRESH
        };
        let times = jwt::times(tokens.access.expose());
        let clock = times.and_then(|it| it.portal_clock(asked, now.wall));
        self.portal_clock = clock.map(|clock| (clock, since));
        times.map_or(documented, |it| it.lifetime(asked, now.wall, documented))
    }

    fn rejected(&mut self, attempt: &Attempt, said: Rejection, now: Now) -> Effects {
        let id = attempt.id;
        let exchange = self.exchange.as_ref();
        let candidate = exchange.and_then(|it| it.candidate.as_ref());
        let others = candidate.is_some_and(|it| Some(it) != self.credentials.as_ref());
        self.apply(Event::Rejected { id, others }, now);
        if !others {
            self.rejection = Some(Box::new(said.clone()));
        }
        self.forget_dead_tokens();
        let (event, error) = if attempt.request.is_login() {
            let event = SessionEvent::CredentialsRejected(said.clone());
            (event, Error::CredentialsRejected(said))
        } else {
            let event = SessionEvent::SessionExpired(said.clone());
            (event, Error::SessionExpired(said))
        };
        let mut effects = self.end(Err(error));
        effects.events.push(event);
        effects
    }

    fn failed(&mut self, id: u64, error: TransientError, now: Now) -> Effects {
        let at_store = error.is_at_store();
        let store_pause = at_store.then_some(self.policy.store_pause);
        let failed = Event::Failed {
            id,
            retry_after: error.retry_after().or(store_pause),
            at_store,
            chance: fastrand::f64(),
        };
        self.apply(failed, now);
        self.failure = Some(Box::new((error.clone(), now)));
        if self.asking(id).is_some() {
            return Effects::default();
        }
        let backoff = self.lifecycle.backoff;
        let waits = backoff.map(|it| it.remaining(now));
        let retry_in = self.lifecycle.retry_in(now).or(waits);
        let mut effects = self.end(Err(self.try_later(retry_in.unwrap_or_default())));
        effects.events.push(SessionEvent::ExchangeFailed(error));
        effects
    }
}
