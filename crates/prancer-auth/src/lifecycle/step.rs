//! What the steps of a life make of a session.

use std::time::Duration;

use super::backoff::{self, Backoff};
use super::policy::Policy;
use super::state::{Exchange, InFlight, Life, Lifecycle, NoToken};
use super::time::Now;
use super::transition::{State, Step, next};

impl Lifecycle {
    /// Ends the exchange in flight, if it is this one and still asks.
    pub(super) fn end(&mut self, id: u64) -> Option<InFlight> {
        self.in_flight.take_if(|it| it.id == id && !it.is_saving())
    }

    /// Goes to the state that the table says; what it holds stays, where the state does.
    pub(super) fn step(&mut self, step: Step) {
        match next(self.state(), step) {
            Some(State::Expired) => self.token = Err(NoToken::SessionExpired),
            Some(State::Rejected) => self.token = Err(NoToken::CredentialsRejected),
            Some(State::LoggedOut) => self.token = Err(NoToken::LoggedOut),
            // Only `live` knows what a session that is logged in holds; nothing leads back to a new one.
            Some(State::LoggedIn | State::New) | None => {}
        }
    }

    pub(super) fn live(
        &mut self,
        step: Step,
        since: Now,
        lifetime: Duration,
        chance: f64,
        policy: &Policy,
    ) {
        if next(self.state(), step) == Some(State::LoggedIn) {
            self.serial += 1;
            self.token = Ok(Life {
                since,
                lifetime,
                window: policy.window(lifetime, self.renewed_lifetime, chance),
                stale: false,
                no_refresh: None,
            });
        }
    }

    pub(super) fn rejected(&mut self, it: InFlight, others: bool, now: Now, policy: &Policy) {
        match it.exchange {
            Exchange::Refresh => {
                self.refresh_rejected(now, policy);
                // The same exchange goes on to log in, where it can.
                if self.next_exchange(now) == Ok(Exchange::LogIn) {
                    self.in_flight = Some(InFlight {
                        exchange: Exchange::LogIn,
                        heard: now,
                        pause: Duration::ZERO,
                        ..it
                    });
                }
            }
            Exchange::LogIn if others => self.backoff = None,
            Exchange::LogIn => {
                self.backoff = None;
                self.credentials_from = None;
                self.step(Step::LoginRejected);
                if self.token.is_ok_and(|life| life.no_refresh.is_some()) {
                    self.no_refresh(NoToken::CredentialsRejected);
                }
            }
        }
    }

    /// No refresh follows the token that there is.
    pub(super) fn refresh_rejected(&mut self, now: Now, policy: &Policy) {
        let good = !self.usable(now, policy).is_zero();
        self.step(if good {
            Step::RefreshRejectedEarly
        } else {
            Step::RefreshRejected
        });
        self.no_refresh(NoToken::SessionExpired);
    }

    pub(super) fn no_refresh(&mut self, why: NoToken) {
        if let Ok(life) = &mut self.token {
            life.no_refresh = Some(why);
        }
    }

    pub(super) fn failed(
        &mut self,
        it: InFlight,
        retry_after: Option<Duration>,
        chance: f64,
        now: Now,
        policy: &Policy,
    ) {
        let failures = it.failures + 1;
        let asked = retry_after.unwrap_or_default();
        let awaited = it.awaited || self.usable(now, policy).is_zero();
        if awaited && failures <= policy.retries && asked <= policy.longest_pause {
            self.in_flight = Some(InFlight {
                failures,
                heard: now,
                pause: backoff::inside(policy, failures, chance).max(asked),
                ..it
            });
        } else {
            self.back_off(retry_after, chance, now, policy);
        }
    }

    /// The store failed, and the token is good: its renewal waits for the store, but no caller does.
    pub(super) fn postpone(&mut self, now: Now, policy: &Policy) {
        self.backoff = Some(Backoff {
            failures: self.backoff.map_or(0, |backoff| backoff.failures),
            since: now,
            wait: policy.store_pause,
            without_token: Duration::ZERO,
        });
    }

    pub(super) fn back_off(
        &mut self,
        retry_after: Option<Duration>,
        chance: f64,
        now: Now,
        policy: &Policy,
    ) {
        let failures = self.backoff.map_or(0, |backoff| backoff.failures);
        let failures = failures.saturating_add(1);
        let left = self.usable(now, policy);
        let asked = retry_after.unwrap_or_default();
        let asked = asked.min(policy.longest_backoff_bound);
        self.backoff = Some(Backoff {
            failures,
            since: now,
            wait: backoff::between(policy, failures, left, chance).max(asked),
            // The full backoff assumes a valid token; without one, only `Retry-After` can exceed the short bound.
            without_token: asked.max(policy.shortest_backoff_bound),
        });
    }

    pub(super) fn log_out(&mut self, cancel: bool) {
        self.serial += 1;
        if cancel {
            self.in_flight = None;
        }
        self.backoff = None;
        self.stale_since = None;
        self.step(Step::LoggedOut);
    }
}
