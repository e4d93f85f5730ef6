//! The exchange in flight: it begins, callers join it, it asks the portal, it ends.

use tokio::sync::watch;

use super::effects::Effects;
use super::exchange_state::{Attempt, ExchangeState};
use super::outcome::{Waiter, Wanted};
use super::session_state::SessionState;
use crate::api::tokens::TokenRequest;
use crate::api::transient_error::TransientError;
use crate::error::Error;
use crate::lifecycle::{Event, Exchange, InFlight, Now};
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
            Some(it) if !it.supersedes && self.lifecycle.next_exchange(now) == Ok(it.exchange) => {
                Wanted::Outcome
            }
            _ => Wanted::Success,
        }
    }

    /// An exchange whose task is not run any more loses the store's lock, and is over if it has brought tokens.
    pub(super) fn give_up_silent(&mut self, now: Now) -> Option<StoreLock> {
        let it = self.lifecycle.in_flight?;
        if self.lifecycle.in_flight(now, self.policy).is_some() {
            return None;
        }
        let lock = self.exchange.as_mut().and_then(|it| it.lock.take());
        if it.is_saving() {
            self.apply(Event::Completed(it.id), now);
            self.exchange = None;
        }
        lock
    }

    /// The place of the store's lock in the exchange in flight, if that is this one.
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

    /// The exchange, as long as it asks for tokens.
    pub(super) fn asking(&self, id: u64) -> Option<InFlight> {
        let in_flight = self.lifecycle.in_flight;
        in_flight.filter(|it| it.id == id && !it.is_saving())
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

    /// The exchange is over, and what it has brought is saved. Returned if callers are to hear of that.
    pub(super) fn complete(&mut self, id: u64, now: Now) -> Option<Box<ExchangeState>> {
        let it = self.lifecycle.in_flight.filter(|it| it.id == id)?;
        self.apply(Event::Completed(id), now);
        // What it brought has expired, or was replaced by something that has: callers that see it end untold begin again.
        let tells = it.is_saving() && self.has_good_token(now);
        self.exchange.take().filter(|_| tells)
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
        if !it.is_saving() {
            self.failure = Some(Box::new((TransientError::Interrupted, it.heard)));
        }
        self.exchange.take()
    }

    /// The exchange in flight is not needed any more: its outcome was decided elsewhere.
    pub(super) fn settle(&mut self, result: Result<(), Error>, now: Now) -> Effects {
        if let Some(it) = self.lifecycle.in_flight {
            self.apply(Event::Completed(it.id), now);
        }
        self.end(result)
    }

    /// Ends the exchange that the lifecycle has ended, if it has.
    pub(super) fn end(&mut self, result: Result<(), Error>) -> Effects {
        let over = self
            .exchange
            .take_if(|_| self.lifecycle.in_flight.is_none());
        let ended = over.map(|it| (*it, result));
        Effects {
            ended: ended.into_iter().collect(),
            ..Effects::default()
        }
    }
}
