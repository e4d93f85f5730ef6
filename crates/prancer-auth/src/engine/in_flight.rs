//! The exchange in flight: it begins, callers join it, it asks the portal, it ends.

use tokio::sync::watch;

use super::effects::Effects;
use super::exchange_state::{Attempt, ExchangeState};
use super::outcome::{Waiter, Wanted};
use super::session_state::SessionState;
use crate::api::tokens::TokenRequest;
use crate::api::transient_error::TransientError;
use crate::error::Error;
use crate::lifecycle::{Event, Exchange, InFlight, Now, Progress};
use crate::settings::credentials::Credentials;
use crate::store::{StoreLock, milliseconds};

impl SessionState {
    /// Begins an exchange; `candidate` are the credentials of a login that a caller asked for.
    pub(super) fn start(
        &mut self,
        exchange: Exchange,
        awaited: bool,
        candidate: Option<Credentials>,
        now: Now,
    ) -> Waiter {
        let started = Event::Started {
            exchange,
            awaited,
            supersedes: candidate.is_some(),
        };
        self.apply(started, now);
        let (outcome, receiver) = watch::channel(None);
        self.exchange = Some(Box::new(ExchangeState {
            lock: None,
            outcome,
            candidate,
            result: Ok(()),
            started_ms: milliseconds(now.wall),
        }));
        Waiter {
            outcome: receiver,
            id: self.lifecycle.exchanges,
            begun: true,
            wanted: Wanted::Outcome,
        }
    }

    /// Waits for the exchange in flight. One that only waits for its end needs none of its retries.
    pub(super) fn join(&mut self, wanted: Wanted, now: Now) -> Option<Waiter> {
        let outcome = self.exchange.as_ref()?.outcome.subscribe();
        let it = self.lifecycle.in_flight?;
        if wanted != Wanted::End {
            self.apply(Event::Joined, now);
        }
        Some(Waiter {
            outcome,
            id: it.id,
            begun: false,
            wanted,
        })
    }

    /// What a caller that needs a token wants of the exchange in flight.
    pub(super) fn wanted_by_token(&self, now: Now) -> Wanted {
        match self.lifecycle.in_flight {
            // What it has ended in came before this caller asked.
            Some(it) if it.progress == Progress::Over => Wanted::End,
            Some(it) if !it.supersedes && self.lifecycle.next_exchange(now) == Ok(it.exchange) => {
                Wanted::Outcome
            }
            _ => Wanted::Success,
        }
    }

    /// An exchange whose task is not run any more loses the store's lock, and is over if its outcome is known.
    pub(super) fn give_up_silent(&mut self, now: Now) -> Option<StoreLock> {
        let it = self.lifecycle.in_flight?;
        if self.lifecycle.in_flight(now, self.policy).is_some() {
            return None;
        }
        let lock = self.exchange.as_mut().and_then(|it| it.lock.take());
        if it.is_done() {
            self.apply(Event::Completed(it.id), now);
            self.exchange = None;
        }
        lock
    }

    /// Where the exchange in flight keeps the store's lock, if it is this one.
    pub(super) fn lock_of(&mut self, id: u64) -> Option<&mut Option<StoreLock>> {
        self.lifecycle.in_flight.filter(|it| it.id == id)?;
        self.exchange.as_mut().map(|it| &mut it.lock)
    }

    /// The credentials that a login in flight sends.
    pub(super) fn tried(&self) -> Option<&Credentials> {
        let exchange = self.exchange.as_ref();
        let candidate = exchange.and_then(|it| it.candidate.as_ref());
        candidate.or(self.credentials.as_ref())
    }

    /// The exchange, as long as its outcome is not known and nothing has cancelled it.
    pub(super) fn asking(&self, id: u64) -> Option<InFlight> {
        let in_flight = self.lifecycle.in_flight;
        in_flight.filter(|it| it.id == id && !it.is_done())
    }

    /// What an exchange asks the portal next.
    pub(super) fn next_attempt(&self, id: u64, now: Now) -> Option<Attempt> {
        let request = match self.asking(id)?.exchange {
            Exchange::LogIn => TokenRequest::LogIn(self.tried()?.clone()),
            Exchange::Refresh => TokenRequest::Refresh(self.tokens.as_ref()?.refresh.clone()),
        };
        Some(Attempt {
            id,
            since: now,
            request,
            serial: self.lifecycle.serial,
            login: self.tokens.as_ref().and_then(|it| it.login),
        })
    }

    /// Sets what the exchange in flight ends in, if its outcome is known.
    pub(super) fn end_in(&mut self, error: Error) {
        if let (Some(exchange), Some(true)) = (
            &mut self.exchange,
            self.lifecycle.in_flight.map(|it| it.is_done()),
        ) {
            exchange.result = Err(error);
        }
    }

    fn is_success(&self) -> bool {
        self.exchange.as_ref().is_some_and(|it| it.result.is_ok())
    }

    /// The exchange is over. Returned if its outcome is to be told.
    pub(super) fn complete(&mut self, id: u64, now: Now) -> Option<Box<ExchangeState>> {
        let it = self.lifecycle.in_flight;
        let is_done = it.filter(|it| it.id == id)?.is_done();
        self.apply(Event::Completed(id), now);
        // What it brought has expired, or was replaced by something that has: callers that see it end untold begin again.
        let tells = is_done && (self.has_good_token(now) || !self.is_success());
        let exchange = self.exchange.take();
        exchange.filter(|_| tells)
    }

    /// The task of the exchange died. Callers that wait see its sender go, and begin again.
    pub(super) fn lose(&mut self, id: u64) -> Option<Box<ExchangeState>> {
        let it = self.lifecycle.in_flight.filter(|it| it.id == id)?;
        // Some moment: the clock may be what has just panicked.
        self.apply(
            Event::Lost {
                id,
                chance: fastrand::f64(),
            },
            it.heard,
        );
        if !it.is_done() {
            self.failure = Some(Box::new((TransientError::Interrupted, it.heard)));
        }
        self.exchange.take()
    }

    /// Cancels the exchange in flight, whose outcome was decided elsewhere. Its lock is released before its callers hear of that.
    pub(super) fn cancel(&mut self, result: Result<(), Error>) -> Effects {
        self.lifecycle.in_flight = None;
        let mut effects = Effects::default();
        if let Some(mut exchange) = self.exchange.take() {
            exchange.result = result;
            effects.cancelled.push(*exchange);
        }
        effects
    }
}
