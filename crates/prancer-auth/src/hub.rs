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
use crate::life::{
    Decision, Demand, Event, Exchange, Now, Phase, Policy, Why, decide, quiet_until,
};
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

/// Somebody who waits for the exchange under way.
pub(crate) struct Waiter {
    outcome: watch::Receiver<Option<Outcome>>,
    /// Whether it is another exchange than the one that the session would begin by itself: its failure says nothing.
    pub(crate) foreign: bool,
}

impl Waiter {
    /// What the exchange ends in, once it does; `None` when its task died.
    pub(crate) async fn outcome(mut self) -> Option<Outcome> {
        let outcome = self.outcome.wait_for(Option::is_some).await.ok()?;
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

    /// What somebody who wants a token gets. Whoever `can_wait` can run an exchange, too.
    pub(crate) fn enter(self: &Arc<Self>, demand: Demand, now: Now, can_wait: bool) -> Entry {
        let mut memory = self.lock();
        let foreign = memory.kept.as_ref().and_then(|kept| kept.foreign.as_ref());
        if let (Phase::New, Some(foreign)) = (memory.state.phase, foreign) {
            return Entry::Refused(foreign.clone());
        }
        let ready = |ticket| match self.published.load_full() {
            Some(published) => Entry::Ready(published, ticket),
            None => Entry::Refused(Error::NotLoggedIn),
        };
        match decide(&memory.state, demand, now, &self.policy) {
            Decision::Use => ready(None),
            Decision::UseAndStart(_) if !can_wait => ready(None),
            Decision::UseAndStart(exchange) => {
                ready(Some(self.start(&mut memory, exchange, false, now).0))
            }
            Decision::Start(_) | Decision::Join if !can_wait => Entry::Refused(Error::NoRuntime),
            Decision::Start(exchange) => {
                let (ticket, waiter) = self.start(&mut memory, exchange, true, now);
                Entry::Wait(waiter, Some(ticket))
            }
            Decision::Join => match self.join(&mut memory, now) {
                Some(waiter) => Entry::Wait(waiter, None),
                // A flight without a sender cannot be; whoever sees one is told to come again.
                None => Entry::Refused(memory.try_later(Duration::ZERO)),
            },
            Decision::TryLater(retry_in) => Entry::Refused(memory.try_later(retry_in)),
            Decision::Refuse(why) => Entry::Refused(memory.refusal(why)),
        }
    }

    /// Begins a login, with new credentials if there are any; waits for an exchange that is under way first.
    ///
    /// Whoever gets no ticket and whose waiter is no foreign one shares in a login that somebody else has begun.
    pub(crate) fn log_in(
        self: &Arc<Self>,
        credentials: &mut Option<Credentials>,
        now: Now,
    ) -> Result<(Waiter, Option<Ticket>), Error> {
        let mut memory = self.lock();
        if let Some(flight) = memory.state.under_way(now, &self.policy)
            && let Some(waiter) = self.join(&mut memory, now)
        {
            let foreign = credentials.is_some() || flight.exchange != Exchange::LogIn;
            return Ok((Waiter { foreign, ..waiter }, None));
        }
        if credentials.is_none() {
            if memory.credentials.is_none() {
                return Err(Error::NoCredentials);
            }
            if !memory.state.credentials {
                return Err(memory.refusal(Why::CredentialsRefused));
            }
        }
        if let Some(wait) = memory.state.retry_in(now, &self.policy) {
            return Err(memory.try_later(wait));
        }
        let live = matches!(memory.state.phase, Phase::Live(_));
        if let Some(kept) = &mut memory.kept {
            kept.overwrites = true;
        }
        let exchange = match credentials.take() {
            Some(given) if live => {
                memory.offered = Some(given);
                Exchange::Offer
            }
            given => {
                if let Some(given) = given {
                    memory.email = Some(given.email().to_owned());
                    memory.credentials = Some(given);
                }
                memory.apply(Event::CredentialsGiven, now, &self.policy);
                Exchange::LogIn
            }
        };
        let (ticket, waiter) = self.start(&mut memory, exchange, true, now);
        Ok((waiter, Some(ticket)))
    }

    /// Waits for the exchange under way, if there is one.
    pub(crate) fn wait(&self, now: Now) -> Option<Waiter> {
        let memory = self.lock();
        memory.state.under_way(now, &self.policy)?;
        Some(Waiter {
            outcome: memory.outcome.as_ref()?.subscribe(),
            foreign: true,
        })
    }

    /// A secure API refused the token of this generation.
    pub(crate) fn token_refused(&self, generation: u64, now: Now) {
        let mut memory = self.lock();
        memory.apply(Event::TokenRefused { generation }, now, &self.policy);
        self.publish(&memory);
    }

    /// A secure API refused the token of this generation at once, as it had refused the one before.
    pub(crate) fn token_refused_again(&self, generation: u64, now: Now) {
        let again = Event::RefusedAgain { generation };
        self.lock().apply(again, now, &self.policy);
    }

    /// Forgets everything but the credentials. What is under way is void from now on. Tells whether it was not logged out before.
    pub(crate) fn log_out(&self, now: Now) -> (bool, Option<Tokens>) {
        let mut memory = self.lock();
        let changed = memory.state.phase != Phase::LoggedOut;
        memory.apply(Event::LoggedOut, now, &self.policy);
        let ending = memory.end(Err(Error::LoggedOut));
        memory.offered = None;
        let tokens = memory.tokens.take();
        if let Some(kept) = memory.kept.as_mut().filter(|_| changed) {
            kept.unsaved = tokens.is_some() || kept.generation > 0 || kept.error.is_some();
            kept.unsaved &= kept.foreign.is_none();
            kept.overwrites = false;
            kept.logged_out_at = now;
            // Nobody takes up what others have written until it is ended.
            kept.look_at = Now::FAR;
        }
        self.publish(&memory);
        drop(memory);
        if let Some(ending) = ending {
            ending.tell();
        }
        (changed, tokens)
    }

    /// Looks at the memory.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Memory) -> T) -> T {
        look(&self.lock())
    }

    fn join(&self, memory: &mut Memory, now: Now) -> Option<Waiter> {
        let outcome = memory.outcome.as_ref()?.subscribe();
        let exchange = memory.state.flight?.exchange;
        let foreign = memory.state.next_exchange() != Ok(exchange);
        memory.apply(Event::Joined, now, &self.policy);
        Some(Waiter { outcome, foreign })
    }

    fn start(
        self: &Arc<Self>,
        memory: &mut Memory,
        exchange: Exchange,
        awaited: bool,
        now: Now,
    ) -> (Ticket, Waiter) {
        let started = Event::Started { exchange, awaited };
        memory.apply(started, now, &self.policy);
        let (sender, outcome) = watch::channel(None);
        memory.outcome = Some(sender);
        self.publish(memory);
        let adopts = !memory.kept.as_ref().is_some_and(|kept| kept.overwrites);
        let ticket = Ticket::new(Arc::clone(self), &memory.state, adopts);
        let foreign = false;
        (ticket, Waiter { outcome, foreign })
    }

    /// Puts the token where everybody reaches it, or takes it away.
    pub(super) fn publish(&self, memory: &Memory) {
        let published = self.published.load();
        match (&memory.state.phase, &memory.tokens) {
            (Phase::Live(_), Some(tokens)) => {
                let until = quiet_until(&memory.state, &self.policy);
                let until = match &memory.kept {
                    Some(kept) => until.map(|until| until.earlier(kept.look_at)),
                    None => until,
                };
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
