//! Where decisions meet the network and the store: it runs exchanges in tasks of their own.

mod adoption;
pub(crate) mod clock;
pub(crate) mod context;
pub(crate) mod coordinator;
mod effects;
mod exchange;
mod exchange_guard;
mod exchange_state;
mod in_flight;
mod logout;
mod mutex;
mod noted;
pub(crate) mod observer;
mod outcome;
mod report;
pub(crate) mod session_state;
mod settle;
#[cfg(test)]
mod simulation;
pub(crate) mod snapshot;
mod store_sync;
#[cfg(test)]
mod stories;
mod sync;
mod task_guard;
mod timer;
mod unsaved;
mod verdict;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prancer_auth_client::AccessToken;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::lifecycle::{Demand, Event, Now, Policy};
use crate::settings::credentials::Credentials;
use coordinator::{Admission, Coordinator};
use exchange_guard::ExchangeGuard;
use outcome::{Outcome, Waiter};
use snapshot::TokenSnapshot;

/// Longer than any process runs, and still a moment that a clock can tell.
const FOR_EVER: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Drives one session.
pub(crate) struct Engine {
    pub(crate) coordinator: Arc<Coordinator>,
    /// How long a call may wait.
    pub(crate) patience: Duration,
    /// The hash of the path of the API that last rejected a token, 0 before that.
    pub(crate) rejected_by: AtomicU64,
}

impl Engine {
    /// What `take` makes of a good token. On the fast path that costs no lock, no allocation and no wait.
    pub(crate) async fn good<T>(&self, take: impl Fn(&TokenSnapshot) -> T) -> Result<T, Error> {
        if let Some(token) = self.coordinator.snapshot().as_ref()
            && token.is_fast(self.now())
        {
            return Ok(take(token));
        }
        // Boxed to keep the future of the fast path small.
        let token = Box::pin(self.grant(Demand::Good)).await?;
        Ok(take(&token))
    }

    /// A token that meets the demand, renewed first where it must be.
    ///
    /// Dropping a call does not cancel its exchange, which runs in its own task.
    async fn grant(&self, demand: Demand) -> Outcome {
        let deadline = self.deadline();
        // Outside of a runtime there is no timer to wait by, and nothing to run an exchange on.
        let runtime = Handle::try_current().ok();
        if runtime.is_some() {
            self.sync_if_due(deadline).await;
        }
        loop {
            let can_wait = runtime.is_some();
            let waiter = match self.coordinator.admit(demand, self.now(), can_wait)? {
                Admission::Wait(waiter) => waiter,
                Admission::Use(begun) => {
                    self.launch(begun, runtime.as_ref());
                    let token = self.coordinator.snapshot();
                    // None where it was logged out a moment ago.
                    return token.as_ref().map(Arc::clone).ok_or(Error::LoggedOut);
                }
            };
            let (ours, runtime) = (waiter.begun, runtime.as_ref());
            match (self.outcome(waiter, deadline, runtime).await?, demand) {
                (Some(_), Demand::ValidFor(asked)) => self.lives_long_enough(asked, ours)?,
                (Some(token), Demand::Good | Demand::NewerThan(_)) => return Ok(token),
                (None, _) => {}
            }
        }
    }

    /// Fails if even a new token expires sooner than asked for.
    fn lives_long_enough(&self, asked: Duration, ours: bool) -> Result<(), Error> {
        let now = self.now();
        match self.coordinator.update(|state| state.valid_for(now)) {
            Some(left) if ours && left < asked => Err(Error::ShortLived { asked, left }),
            _ => Ok(()),
        }
    }

    /// Waits for an exchange, which is run first if the caller has begun it. `None` if the caller is to ask again: the exchange was
    /// replaced, ended without a result, or was not the one that the caller needs.
    async fn outcome(
        &self,
        mut waiter: Waiter,
        deadline: Instant,
        runtime: Option<&Handle>,
    ) -> Result<Option<Arc<TokenSnapshot>>, Error> {
        self.launch(waiter.begun.then_some(waiter.id), runtime);
        loop {
            let silence = Instant::now() + self.policy().longest_silence;
            if let Ok(outcome) = timeout_at(deadline.min(silence), waiter.outcome()).await {
                return outcome.and_then(|it| waiter.takes(it)).transpose();
            }
            if Instant::now() >= deadline {
                return Err(Error::DeadlineExceeded(self.patience));
            }
            let now = self.now();
            let goes_on = self.coordinator.update(|state| {
                let in_flight = state.lifecycle.in_flight(now, state.policy);
                in_flight.is_some_and(|it| it.id == waiter.id)
            });
            if !goes_on {
                return Ok(None);
            }
        }
    }

    /// An access token that is good for so long at least.
    pub(crate) async fn valid_for(&self, time: Duration) -> Result<AccessToken, Error> {
        let token = self.grant(Demand::ValidFor(time)).await?;
        Ok(token.access.clone())
    }

    /// A later token than the one that there is now.
    pub(crate) async fn renew(&self) -> Result<AccessToken, Error> {
        // Adopt earlier renewals first: they do not count as this one.
        if Handle::try_current().is_ok() {
            self.sync_if_due(self.deadline()).await;
        }
        let serial = self.coordinator.update(|state| state.lifecycle.serial);
        let token = self.grant(Demand::NewerThan(serial)).await?;
        Ok(token.access.clone())
    }

    /// Logs in now, with other credentials if there are any.
    pub(crate) async fn log_in(&self, others: Option<Credentials>) -> Result<(), Error> {
        let deadline = self.deadline();
        let runtime = Handle::try_current().map_err(|_| Error::NoRuntime)?;
        loop {
            let waiter = self.coordinator.log_in(&others, self.now())?;
            if let Some(_token) = self.outcome(waiter, deadline, Some(&runtime)).await? {
                return Ok(());
            }
        }
    }

    /// The API at this path rejected the token with this serial number.
    pub(crate) fn bearer_rejected(&self, serial: u64, path: &str) {
        self.rejected_by.store(hash(path), Ordering::Relaxed);
        let now = self.now();
        self.coordinator
            .update(|state| state.apply(Event::TokenStale(serial), now));
    }

    /// The API at this path accepted the token with this serial number, which matters where it had rejected the one before: that another
    /// API accepts it says nothing.
    pub(crate) fn bearer_accepted(&self, serial: u64, path: &str) {
        let last = self.rejected_by.load(Ordering::Relaxed);
        if last == 0 || last != hash(path) {
            return;
        }
        let now = self.now();
        self.coordinator
            .update(|state| state.apply(Event::TokenAccepted(serial), now));
    }

    pub(crate) fn now(&self) -> Now {
        self.coordinator.context.now()
    }

    fn policy(&self) -> &'static Policy {
        self.coordinator.context.policy
    }

    /// Until when a call that begins now may wait.
    fn deadline(&self) -> Instant {
        Instant::now() + self.patience.min(FOR_EVER)
    }

    async fn within<T>(
        &self,
        deadline: Instant,
        call: impl Future<Output = T>,
    ) -> Result<T, Error> {
        let late = |_| Error::DeadlineExceeded(self.patience);
        timeout_at(deadline, call).await.map_err(late)
    }

    /// Runs the exchange in a task of its own.
    fn launch(&self, begun: Option<u64>, runtime: Option<&Handle>) {
        if let (Some(id), Some(runtime)) = (begun, runtime) {
            let guard = ExchangeGuard::new(Arc::clone(&self.coordinator), id);
            runtime.spawn(exchange::run(guard));
        }
    }
}

/// Never 0.
fn hash(path: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    path.hash(&mut hasher);
    hasher.finish().max(1)
}
