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
use crate::hub::{Entry, Hub, Waiter};
use crate::life::{Demand, Now};
use crate::memory::Outcome;
use crate::observer::Observer;
use crate::published::Published;
use crate::ticket::Ticket;
use crate::trouble::{Failure, Trouble};

/// How long one attempt of an exchange may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

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
        // Outside of a runtime there is no timer to wait by, and nothing to run an exchange on.
        let runtime = Handle::try_current().ok();
        loop {
            match self.hub.enter(demand, self.now(), runtime.is_some()) {
                Entry::Ready(published, ticket) => {
                    self.launch(ticket, &runtime);
                    return Ok(published);
                }
                Entry::Refused(error) => return Err(error),
                Entry::Wait(waiter, ticket) => {
                    self.launch(ticket, &runtime);
                    let foreign = waiter.foreign;
                    match self.outcome(waiter, deadline).await? {
                        Some(Err(_)) if foreign => {}
                        Some(outcome) => return outcome,
                        None => {}
                    }
                }
            }
        }
    }

    /// What the exchange under way ends in; `None` when it is time to look whether it still runs.
    async fn outcome(&self, waiter: Waiter, deadline: Instant) -> Result<Option<Outcome>, Error> {
        let silence = Instant::now() + self.hub.policy.longest_silence;
        match timeout_at(deadline.min(silence), waiter.outcome()).await {
            Ok(outcome) => Ok(outcome),
            Err(_) if Instant::now() < deadline => Ok(None),
            Err(_) => Err(Error::DeadlineExceeded(self.deadline)),
        }
    }

    /// Waits until no exchange is under way.
    pub(crate) async fn settled(&self) -> Result<(), Error> {
        let deadline = Instant::now() + self.deadline;
        while let Some(waiter) = self.hub.wait(self.now()) {
            Handle::try_current().map_err(|_| Error::NoRuntime)?;
            // Whatever it ends in is for whoever asked for it.
            let _ = self.outcome(waiter, deadline).await?;
        }
        Ok(())
    }

    /// A later token than the one that is there now.
    pub(crate) async fn renew(&self) -> Outcome {
        let generation = self.hub.look(|memory| memory.state.generation);
        self.grant(Demand::NewerThan(generation)).await
    }

    /// Logs in now, with new credentials if there are any.
    pub(crate) async fn log_in(&self, mut credentials: Option<Credentials>) -> Outcome {
        let deadline = Instant::now() + self.deadline;
        let runtime = Some(Handle::try_current().map_err(|_| Error::NoRuntime)?);
        loop {
            let (waiter, ticket) = self.hub.log_in(&mut credentials, self.now())?;
            let ours = ticket.is_some();
            self.launch(ticket, &runtime);
            let foreign = waiter.foreign;
            match self.outcome(waiter, deadline).await? {
                Some(outcome) if !foreign => return outcome,
                None if ours => return self.hub.look(|it| Err(it.try_later(Duration::ZERO))),
                // Another exchange was under way, which has ended.
                _ => {}
            }
        }
    }

    /// Runs the exchange in a task of its own.
    fn launch(&self, ticket: Option<Ticket>, runtime: &Option<Handle>) {
        if let (Some(ticket), Some(runtime)) = (ticket, runtime) {
            runtime.spawn(run(ticket, Arc::clone(&self.outside)));
        }
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
        if let Some(ending) = aftermath.ending {
            ending.tell();
        }
        if let Some(orphan) = aftermath.orphan {
            // The session is over, and nobody is there to hear of it but the log.
            let ended = timeout(ATTEMPT_TIMEOUT, outside.caller.logout(&orphan.access)).await;
            if !matches!(ended, Ok(Ok(()))) {
                tracing::warn!("tokens that came after the logout live on at the portal");
            }
        }
    }
}
