//! Where everybody who uses a session meets: one exchange at a time, and everybody who waits gets its outcome.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use tokio::sync::watch;

use super::sync::{Mutex, MutexGuard};
use super::ticket::Ticket;
use crate::caller::Tokens;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::life::{Decision, Demand, Event, Exchange, Now, Phase, Policy, decide, quiet_until};
use crate::memory::{Memory, Outcome};
use crate::published::Published;

pub(crate) struct Hub {
    pub(crate) policy: Policy,
    memory: Mutex<Memory>,
    published: ArcSwapOption<Published>,
}

/// What somebody who wants a token gets. Whoever gets a ticket runs the exchange.
pub(crate) enum Entry {
    Ready(Arc<Published>, Option<Ticket>),
    Wait(Waiter, Option<Ticket>),
    Refused(Error),
}

/// The outcome of the exchange under way, once it is there; `None` when its task died.
pub(crate) struct Waiter(watch::Receiver<Option<Outcome>>);

impl Waiter {
    pub(crate) async fn outcome(mut self) -> Option<Outcome> {
        let outcome = self.0.wait_for(Option::is_some).await.ok()?;
        outcome.clone()
    }
}

impl Hub {
    pub(crate) fn new(policy: Policy, memory: Memory) -> Self {
        let hub = Self {
            policy,
            memory: Mutex::new(memory),
            published: ArcSwapOption::empty(),
        };
        hub.publish(&hub.lock());
        hub
    }

    /// The token, if it can be handed out without a thought: no lock, no wait.
    pub(crate) fn published(&self) -> Guard<Option<Arc<Published>>> {
        self.published.load()
    }

    /// What somebody who wants a token gets.
    pub(crate) fn enter(self: &Arc<Self>, demand: Demand, now: Now) -> Entry {
        let mut memory = self.lock();
        let ready = |ticket| match self.published.load_full() {
            Some(published) => Entry::Ready(published, ticket),
            None => Entry::Refused(Error::NotLoggedIn),
        };
        match decide(&memory.state, demand, now, &self.policy) {
            Decision::Use => ready(None),
            Decision::UseAndStart(exchange) => {
                ready(Some(self.start(&mut memory, exchange, now).0))
            }
            Decision::Start(exchange) => {
                let (ticket, waiter) = self.start(&mut memory, exchange, now);
                Entry::Wait(waiter, Some(ticket))
            }
            Decision::Join => self.join(&memory),
            Decision::TryLater(retry_in) => Entry::Refused(memory.try_later(retry_in)),
            Decision::Refuse(why) => Entry::Refused(memory.refusal(why)),
        }
    }

    /// Begins a login, with new credentials if there are any; waits for an exchange that is under way first.
    pub(crate) fn log_in(
        self: &Arc<Self>,
        credentials: &mut Option<Credentials>,
        now: Now,
    ) -> Result<(Waiter, Option<Ticket>), Error> {
        let mut memory = self.lock();
        if memory.state.flight.is_some()
            && let Entry::Wait(waiter, _) = self.join(&memory)
        {
            return Ok((waiter, None));
        }
        let held = memory.credentials.clone();
        let given = credentials.take().or(held).ok_or(Error::NoCredentials)?;
        if let Phase::Live(_) = memory.state.phase {
            memory.offered = Some(given);
        } else {
            memory.offered = None;
            memory.email = Some(given.email().to_owned());
            memory.credentials = Some(given);
        }
        memory.apply(Event::CredentialsGiven, now, &self.policy);
        let (ticket, waiter) = self.start(&mut memory, Exchange::LogIn, now);
        Ok((waiter, Some(ticket)))
    }

    /// A secure API refused the token of this generation.
    pub(crate) fn token_refused(&self, generation: u64, now: Now) {
        let mut memory = self.lock();
        memory.apply(Event::TokenRefused { generation }, now, &self.policy);
        self.publish(&memory);
    }

    /// Forgets everything but the credentials. What is under way is void from now on.
    pub(crate) fn log_out(&self, now: Now) -> Option<Tokens> {
        let mut memory = self.lock();
        memory.apply(Event::LoggedOut, now, &self.policy);
        memory.finish(Err(Error::LoggedOut));
        memory.offered = None;
        let tokens = memory.tokens.take();
        self.publish(&memory);
        tokens
    }

    /// Looks at the memory.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Memory) -> T) -> T {
        look(&self.lock())
    }

    fn join(&self, memory: &Memory) -> Entry {
        match &memory.outcome {
            Some(outcome) => Entry::Wait(Waiter(outcome.subscribe()), None),
            // A flight without a sender cannot be; whoever sees one is told to come again.
            None => Entry::Refused(memory.try_later(Duration::ZERO)),
        }
    }

    fn start(
        self: &Arc<Self>,
        memory: &mut Memory,
        exchange: Exchange,
        now: Now,
    ) -> (Ticket, Waiter) {
        memory.apply(Event::Started(exchange), now, &self.policy);
        let (sender, receiver) = watch::channel(None);
        memory.outcome = Some(sender);
        self.publish(memory);
        let ticket = Ticket::new(Arc::clone(self), memory.state.flights);
        (ticket, Waiter(receiver))
    }

    /// Puts the token where everybody reaches it, or takes it away.
    pub(super) fn publish(&self, memory: &Memory) {
        let published = self.published.load();
        match (&memory.state.phase, &memory.tokens) {
            (Phase::Live(_), Some(tokens)) => {
                let until = quiet_until(&memory.state, &self.policy);
                let generation = memory.state.generation;
                match published.as_ref().filter(|it| it.generation == generation) {
                    Some(published) => published.set_quiet_until(until),
                    None => {
                        // Every token was tried when it came: it fits into a header.
                        let published = Published::new(tokens.access.clone(), generation).ok();
                        if let Some(published) = &published {
                            published.set_quiet_until(until);
                        }
                        self.published.store(published.map(Arc::new));
                    }
                }
            }
            _ => self.published.store(None),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Memory> {
        // The memory is whole at every moment: a panic elsewhere says nothing about it.
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
