//! The one place where decisions meet the network: it runs the exchanges that the hub hands out tickets for.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::Instrument as _;

use crate::caller::{Ask, Caller};
use crate::clock::Clock;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::hub::{Entry, Hub};
use crate::life::{Demand, Now};
use crate::memory::Outcome;
use crate::observer::Observer;
use crate::published::Published;
use crate::ticket::Ticket;
use crate::trouble::{Failure, Trouble};

/// How long one attempt of an exchange may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Drives one session.
pub(crate) struct Engine {
    pub(crate) hub: Arc<Hub>,
    pub(crate) outside: Arc<Outside>,
    /// How long a call may wait for the portal.
    pub(crate) deadline: Duration,
}

/// What an exchange needs of the world, for as long as it takes.
pub(crate) struct Outside {
    pub(crate) caller: Caller,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Observer,
}

impl Engine {
    pub(crate) fn now(&self) -> Now {
        self.outside.clock.now()
    }

    /// What `take` makes of a good token. One that needs no thought costs no lock, no allocation and no wait.
    pub(crate) async fn good<T>(&self, take: impl Fn(&Published) -> T) -> Result<T, Error> {
        if let Some(published) = self.hub.published().as_ref()
            && published.is_quiet(self.now())
        {
            return Ok(take(published));
        }
        // Apart, so that what everybody moves about is small.
        let published = Box::pin(self.grant(Demand::Good)).await?;
        Ok(take(&published))
    }

    /// A token that meets the demand, renewed first where it must be.
    ///
    /// A caller that goes away takes nothing with it: an exchange runs in a task of its own.
    pub(crate) async fn grant(&self, demand: Demand) -> Outcome {
        let deadline = Instant::now() + self.deadline;
        loop {
            match self.hub.enter(demand, self.now()) {
                Entry::Ready(published, ticket) => {
                    if let Some(ticket) = ticket {
                        // The token is good: that the renewal cannot begin here is the next caller's business.
                        let _ = self.launch(ticket);
                    }
                    return Ok(published);
                }
                Entry::Refused(error) => return Err(error),
                Entry::Wait(waiter, ticket) => {
                    if let Some(ticket) = ticket {
                        self.launch(ticket)?;
                    }
                    // Outside of a runtime there is no timer to wait by.
                    Handle::try_current().map_err(|_| Error::NoRuntime)?;
                    match timeout_at(deadline, waiter.outcome()).await {
                        Ok(Some(outcome)) => return outcome,
                        // Its task died: enter again.
                        Ok(None) => {}
                        Err(_) => return Err(Error::DeadlineExceeded(self.deadline)),
                    }
                }
            }
        }
    }

    /// A later token than the one that is there now.
    pub(crate) async fn renew(&self) -> Outcome {
        let generation = self.hub.look(|memory| memory.state.generation);
        self.grant(Demand::NewerThan(generation)).await
    }

    /// Logs in now, with new credentials if there are any.
    pub(crate) async fn log_in(&self, mut credentials: Option<Credentials>) -> Outcome {
        let deadline = Instant::now() + self.deadline;
        loop {
            let (waiter, ticket) = self.hub.log_in(&mut credentials, self.now())?;
            let ours = ticket.is_some();
            if let Some(ticket) = ticket {
                self.launch(ticket)?;
            }
            match timeout_at(deadline, waiter.outcome()).await {
                Ok(Some(outcome)) if ours => return outcome,
                Ok(None) if ours => return self.hub.look(|it| Err(it.try_later(Duration::ZERO))),
                // Another exchange was under way, which has ended.
                Ok(_) => {}
                Err(_) => return Err(Error::DeadlineExceeded(self.deadline)),
            }
        }
    }

    /// Runs the exchange in a task of its own.
    fn launch(&self, ticket: Ticket) -> Result<(), Error> {
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        runtime.spawn(run(ticket, Arc::clone(&self.outside)));
        Ok(())
    }
}

async fn run(ticket: Ticket, outside: Arc<Outside>) {
    while let Some((pause, ask)) = ticket.ask() {
        let operation = match ask {
            Ask::LogIn(_) => "login",
            Ask::Refresh(_) => "refresh",
        };
        let span = tracing::debug_span!("exchange", operation);
        if !pause.is_zero() {
            sleep(pause).await;
            if ticket.ask().is_none() {
                break;
            }
        }
        let since = outside.clock.now();
        let attempt = timeout(ATTEMPT_TIMEOUT, outside.caller.ask(&ask)).instrument(span.clone());
        let result = attempt
            .await
            .unwrap_or_else(|_| Err(Failure::Trouble(Trouble::TimedOut(ATTEMPT_TIMEOUT))));
        let now = outside.clock.now();
        let aftermath = ticket.report(since, result, now, fastrand::f64());
        if let Some(change) = aftermath.change {
            span.in_scope(|| outside.observer.tell(&change));
        }
        if let Some(orphan) = aftermath.orphan {
            // Best effort: the session is over, and nobody is there to hear of it.
            let _ = timeout(ATTEMPT_TIMEOUT, outside.caller.logout(&orphan.access)).await;
        }
    }
}
