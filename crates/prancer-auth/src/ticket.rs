//! The right to run an exchange, and the duty to tell what came of it.

use std::sync::Arc;
use std::time::Duration;

use super::hub::Hub;
use crate::caller::{Ask, Tokens};
use crate::change::Change;
use crate::error::Error;
use crate::life::{Event, Now, Phase, Stage, State};
use crate::memory::Ending;
use crate::portal::Portal;
use crate::store::StoredSession;
use crate::trouble::{Failure, Trouble};

/// The right, and the duty, to run one exchange. Dropped before that is over, the exchange is lost, and nobody hangs.
pub(crate) struct Ticket {
    hub: Arc<Hub>,
    flight: u64,
    /// The generation of the token that is to be renewed.
    generation: u64,
    /// From before that token was asked for, where there is one.
    since: Option<Now>,
    /// Whether a session that others have written serves as well.
    adopts: bool,
}

/// What a report leads to, outside.
#[derive(Default)]
pub(crate) struct Aftermath {
    pub(crate) change: Option<Change>,
    /// For everybody who waits, once the change was told.
    pub(crate) ending: Option<Ending>,
    /// Tokens that came too late: nobody will use them, so the portal should end them.
    pub(crate) orphan: Option<Tokens>,
}

impl Ticket {
    pub(super) fn new(hub: Arc<Hub>, state: &State, adopts: bool) -> Self {
        let since = match state.phase {
            Phase::Live(life) => Some(life.since),
            _ => None,
        };
        Self {
            hub,
            flight: state.flights,
            generation: state.generation,
            since,
            adopts,
        }
    }

    pub(crate) fn hub(&self) -> &Arc<Hub> {
        &self.hub
    }

    /// The exchange is still there: what it waited for was not the portal.
    pub(crate) fn heard(&self, now: Now) {
        let flight = self.flight;
        let heard = Event::Heard { flight };
        self.hub.lock().apply(heard, now, &self.hub.policy);
    }

    /// Adopts what others have written; until `fresh`, that counts. It may be what this exchange is for.
    pub(crate) fn take_up(
        &self,
        stored: Option<StoredSession>,
        portal: &Portal,
        now: Now,
        fresh: Now,
        chance: f64,
    ) -> Aftermath {
        let hub = &self.hub;
        let mut memory = hub.lock();
        let flight = self.flight;
        if memory.state.flight.is_none_or(|it| it.id != flight) {
            return Aftermath::default();
        }
        memory.apply(Event::Heard { flight }, now, &hub.policy);
        let (change, orphan) = memory.take_up(stored, portal, now, fresh, chance, &hub.policy);
        let usable = !memory.state.usable(now, &hub.policy).is_zero();
        let newer = match memory.state.phase {
            // What is older than the token that is to be renewed is no renewal of it. Stores keep milliseconds.
            Phase::Live(life) => {
                let (old, new) = (self.since.unwrap_or_default(), life.since);
                old.wall.as_millis() <= new.wall.as_millis()
            }
            _ => false,
        };
        let later = memory.state.generation > self.generation;
        let renewed = self.adopts && later && newer && usable;
        if renewed {
            memory.apply(Event::Settled { flight }, now, &hub.policy);
        }
        hub.publish(&memory);
        let token = hub.published().as_ref().filter(|_| renewed).cloned();
        let ending = match token {
            Some(token) => memory.end(Ok(token)),
            None => memory.void(),
        };
        Aftermath {
            change,
            ending,
            orphan,
        }
    }

    /// What to ask the portal, and after what pause; `None` when the exchange is over, or void.
    pub(crate) fn ask(&self) -> Option<(Duration, Ask)> {
        self.hub.lock().ask(self.flight)
    }

    /// Tells what an attempt came to, which began at `since`.
    pub(crate) fn report(
        &self,
        since: Now,
        result: Result<Tokens, Failure>,
        now: Now,
        chance: f64,
    ) -> Aftermath {
        let hub = &self.hub;
        let mut memory = hub.lock();
        let Some(flight) = memory.state.flight.filter(|it| it.id == self.flight) else {
            // After a logout nothing may live on. An exchange that was only taken for lost has brought what others may use.
            let orphaned = memory.state.phase.stage() == Stage::LoggedOut;
            return Aftermath {
                orphan: result.ok().filter(|_| orphaned),
                ..Aftermath::default()
            };
        };
        let (change, ended) = match result {
            Ok(tokens) => memory.renewed(flight, tokens, since, now, chance, &hub.policy),
            Err(Failure::Refused(said)) => memory.refused(flight, said, now, &hub.policy),
            Err(Failure::Trouble(trouble)) => {
                memory.failed(flight, trouble, now, chance, &hub.policy)
            }
        };
        hub.publish(&memory);
        let ending = ended.and_then(|ended| {
            let published = hub.published();
            let token = published.as_ref().cloned();
            memory.end(ended.and_then(|()| token.ok_or(Error::NotLoggedIn)))
        });
        Aftermath {
            change,
            ending,
            orphan: None,
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut memory = self.hub.lock();
        if memory.state.flight.is_some_and(|it| it.id == self.flight) {
            // Some moment: the clock may be what has just panicked.
            let now = memory.state.flight.map(|it| it.since).unwrap_or_default();
            let lost = Event::Lost {
                flight: self.flight,
                chance: fastrand::f64(),
            };
            memory.apply(lost, now, &self.hub.policy);
            memory.trouble = Some((Trouble::Interrupted, now));
            memory.offered = None;
            if let Some(kept) = &mut memory.kept {
                kept.overwrites = false;
            }
            self.hub.publish(&memory);
            let sender = memory.outcome.take();
            drop(memory);
            // Whoever waits sees its sender go, and enters again.
            drop(sender);
        }
    }
}
