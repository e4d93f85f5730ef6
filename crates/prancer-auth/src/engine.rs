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
use crate::keeping::{self, Keeping};
use crate::life::{Demand, Now};
use crate::memory::Outcome;
use crate::observer::Observer;
use crate::published::Published;
use crate::shared::Look;
use crate::ticket::{Aftermath, Ticket};
use crate::trouble::{Failure, Trouble};

/// How long one attempt of an exchange may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long whoever has a good token waits to hear what others have written.
const LOOK_PATIENCE: Duration = Duration::from_secs(1);

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
    pub(crate) keeping: Option<Keeping>,
}

impl Outside {
    pub(crate) fn now_and_after(&self, time: Duration) -> (Now, Now) {
        let now = self.clock.now();
        (now, now.after(time))
    }

    /// Tells what has changed, then everybody who waits. Tokens that nobody will use are ended.
    pub(crate) async fn settle(&self, aftermath: Aftermath) {
        if let Some(change) = aftermath.change {
            self.observer.tell(&change);
        }
        if let Some(ending) = aftermath.ending {
            ending.tell();
        }
        if let Some(orphan) = aftermath.orphan {
            // The session is over, and nobody is there to hear of it but the log.
            let ended = timeout(ATTEMPT_TIMEOUT, self.caller.logout(&orphan.access)).await;
            // What the portal refuses is dead already.
            if !matches!(ended, Ok(Ok(()) | Err(Failure::Refused(_)))) {
                tracing::warn!("tokens that came after the logout live on at the portal");
            }
        }
    }
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
        if runtime.is_some() {
            self.look(deadline).await;
        }
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

    /// Sees what others have written, where that must be. Whoever has a good token does not wait long for it, and whoever
    /// goes away leaves it to a task of its own.
    pub(crate) async fn look(&self, deadline: Instant) {
        if self.outside.keeping.is_none() {
            return;
        }
        let (now, put_off) = self.outside.now_and_after(keeping::AWAY);
        let look = self.hub.must_look(now, put_off);
        if look == Look::Not {
            return;
        }
        let (hub, outside) = (Arc::clone(&self.hub), Arc::clone(&self.outside));
        let task = tokio::spawn(async move {
            match &outside.keeping {
                Some(keeping) if look == Look::Behind => keeping.look_now(&hub, &outside).await,
                Some(keeping) => keeping.look(&hub, &outside).await,
                None => {}
            }
        });
        if look == Look::First {
            let soon = if self.hub.is_good(now) {
                deadline.min(Instant::now() + LOOK_PATIENCE)
            } else {
                deadline
            };
            // Whatever comes of it, what is there decides.
            let _ = timeout_at(soon, task).await;
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
        if let Some(keeping) = &self.outside.keeping
            && Handle::try_current().is_ok()
        {
            let save = keeping.save(&self.hub, &self.outside);
            let late = |_| Error::DeadlineExceeded(self.deadline);
            timeout_at(deadline, save).await.map_err(late)?;
        }
        Ok(())
    }

    /// A later token than the one that is there now.
    pub(crate) async fn renew(&self) -> Outcome {
        // What others have renewed in the meantime is not a renewal that somebody asked for now.
        if Handle::try_current().is_ok() {
            self.look(Instant::now() + self.deadline).await;
        }
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
    let keeping = outside.keeping.as_ref();
    let _lock = match keeping {
        Some(keeping) => keeping.begin(&ticket, &outside).await,
        None => None,
    };
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
        if let (Err(Failure::Refused(_)), Ask::Refresh(_), Some(keeping)) = (&result, &ask, keeping)
        {
            // Believed only if nobody else has renewed meanwhile.
            keeping.reread(&ticket, &outside).await;
            if ticket.ask().is_none() {
                break;
            }
        }
        let brought = result.is_ok();
        let aftermath = ticket.report(since, result, outside.clock.now(), fastrand::f64());
        if let (true, Some(keeping)) = (brought, keeping) {
            // First of all: whoever waits may be about to end the process.
            let saved = keeping.save(ticket.hub(), &outside);
            saved.instrument(span.clone()).await;
        }
        outside.settle(aftermath).instrument(span).await;
    }
}
