//! The right to run an exchange, and the duty to tell what came of it.

use std::sync::Arc;
use std::time::Duration;

use super::hub::Hub;
use crate::caller::{Ask, Tokens};
use crate::change::Change;
use crate::error::Error;
use crate::life::{Event, Now, Stage};
use crate::memory::Ending;
use crate::trouble::{Failure, Trouble};

/// The right, and the duty, to run one exchange. Dropped before that is over, the exchange is lost, and nobody hangs.
pub(crate) struct Ticket {
    hub: Arc<Hub>,
    flight: u64,
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
    pub(super) fn new(hub: Arc<Hub>, flight: u64) -> Self {
        Self { hub, flight }
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
            self.hub.publish(&memory);
            let sender = memory.outcome.take();
            drop(memory);
            // Whoever waits sees its sender go, and enters again.
            drop(sender);
        }
    }
}
