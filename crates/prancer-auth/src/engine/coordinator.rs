//! Where all users of a session meet: one state behind one lock, and a snapshot of its token that is read without it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use tokio::sync::Notify;

use super::exchange_guard::ExchangeGuard;
use super::sync::Mutex;
use crate::engine::outcome::{Ending, Waiter};
use crate::engine::session_state::SessionState;
use crate::engine::snapshot::TokenSnapshot;
use crate::error::Error;
use crate::lifecycle::{Decision, Demand, Exchange, NoToken, Now, Phase, decide, fast_path_until};
use crate::settings::credentials::Credentials;

pub(crate) struct Coordinator {
    state: Mutex<SessionState>,
    snapshot: ArcSwapOption<TokenSnapshot>,
    /// Wakes callers that wait for a task, or for a look into the store, to end.
    pub(crate) progress: Notify,
}

/// What a caller gets that wants a token. One that gets a guard runs the exchange.
pub(crate) enum Admission {
    Ready(Arc<TokenSnapshot>, Option<ExchangeGuard>),
    Wait(Waiter, Option<ExchangeGuard>),
    Denied(Error),
}

/// What a caller gets that wants to log in.
pub(crate) struct Login {
    pub(crate) waiter: Waiter,
    pub(crate) guard: Option<ExchangeGuard>,
    /// Whether the exchange is a login with the same credentials: its success is what the caller wants.
    pub(crate) same: bool,
}

/// What is to be done once the lock is free: a guard takes it again when it is dropped.
enum Begun {
    Ready(Option<u64>),
    Wait(Waiter, bool),
    Denied(Error),
}

impl Coordinator {
    pub(crate) fn new(state: SessionState) -> Self {
        let coordinator = Self {
            state: Mutex::new(state),
            snapshot: ArcSwapOption::empty(),
            progress: Notify::new(),
        };
        coordinator.update(|_| ());
        coordinator
    }

    /// Changes the state, and publishes the token.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut SessionState) -> T) -> T {
        // The state is whole at every moment: a panic elsewhere says nothing about it.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change(&mut state);
        self.publish(&state);
        changed
    }

    /// The token, if it can be handed out without asking the state.
    pub(crate) fn snapshot(&self) -> Guard<Option<Arc<TokenSnapshot>>> {
        self.snapshot.load()
    }

    /// What a caller gets that wants a token. Only one that can wait can run an exchange.
    pub(crate) fn admit(self: &Arc<Self>, demand: Demand, now: Now, can_wait: bool) -> Admission {
        let begun = self.update(|state| {
            state.give_up_silent(now);
            if let (Phase::New | Phase::Expired, Some(error)) =
                (state.lifecycle.phase, state.foreign())
                && state.lifecycle.in_flight.is_none()
            {
                return Begun::Denied(error);
            }
            match decide(&state.lifecycle, demand, now, state.policy) {
                Decision::UseAndStart(exchange) if can_wait => {
                    Begun::Ready(Some(state.start(exchange, false, None, now).id))
                }
                Decision::Use | Decision::UseAndStart(_) => Begun::Ready(None),
                Decision::Start(_) | Decision::Join if !can_wait => Begun::Denied(Error::NoRuntime),
                Decision::Start(exchange) => {
                    Begun::Wait(state.start(exchange, true, None, now), true)
                }
                Decision::Join => match state.join(now) {
                    Some(waiter) => Begun::Wait(waiter, false),
                    None => Begun::Denied(state.try_later(Duration::ZERO)),
                },
                Decision::TryLater(retry_in) => Begun::Denied(state.try_later(retry_in)),
                Decision::Deny(why) => match demand {
                    Demand::ValidFor(asked) if why == NoToken::ShortLived => {
                        let left = state.valid_for(now).unwrap_or_default();
                        Begun::Denied(Error::ShortLived { asked, left })
                    }
                    _ => Begun::Denied(state.denied(why)),
                },
            }
        });
        match begun {
            Begun::Ready(id) => match self.snapshot.load_full() {
                Some(token) => Admission::Ready(token, id.map(|id| self.guard(id))),
                // Logged out between the two looks.
                None => Admission::Denied(Error::LoggedOut),
            },
            Begun::Wait(waiter, ours) => {
                let guard = ours.then(|| self.guard(waiter.id));
                Admission::Wait(waiter, guard)
            }
            Begun::Denied(error) => Admission::Denied(error),
        }
    }

    /// Begins a login that a caller asks for, with other credentials if there are any; waits for an exchange in flight first.
    ///
    /// A caller that gets no guard shares in a login that is in flight, if that is with the same credentials.
    pub(crate) fn log_in(
        self: &Arc<Self>,
        others: &Option<Credentials>,
        now: Now,
    ) -> Result<Login, Error> {
        let (waiter, ours, same) = self.update(|state| {
            state.give_up_silent(now);
            if let Some(it) = state.lifecycle.in_flight(now, state.policy)
                && let Some(waiter) = state.join(now)
            {
                let credentials = others.as_ref().or(state.credentials.as_ref());
                let same = it.exchange == Exchange::LogIn && credentials == state.tried();
                let waiter = Waiter {
                    unrelated: !same || !it.supersedes,
                    ..waiter
                };
                return Ok((waiter, false, same));
            }
            let candidate = match (others, &state.credentials) {
                (Some(others), _) => others.clone(),
                (None, Some(_)) if state.lifecycle.credentials_from.is_none() => {
                    return Err(state.denied(NoToken::CredentialsRejected));
                }
                (None, Some(held)) => held.clone(),
                (None, None) => return Err(Error::NoCredentials),
            };
            if let Some(wait) = state.lifecycle.retry_in(now, state.policy) {
                return Err(state.try_later(wait));
            }
            let waiter = state.start(Exchange::LogIn, true, Some(candidate), now);
            Ok((waiter, true, true))
        })?;
        let guard = ours.then(|| self.guard(waiter.id));
        Ok(Login {
            waiter,
            guard,
            same,
        })
    }

    /// Tells callers that wait how their exchange ended.
    pub(crate) fn tell(&self, ending: Ending) {
        ending.tell(self.snapshot.load_full());
    }

    fn guard(self: &Arc<Self>, id: u64) -> ExchangeGuard {
        ExchangeGuard::new(Arc::clone(self), id)
    }

    /// Puts the token where every caller reaches it, or takes it away.
    fn publish(&self, state: &SessionState) {
        let (Phase::LoggedIn(_), Some(tokens)) = (state.lifecycle.phase, &state.tokens) else {
            return self.snapshot.store(None);
        };
        let until = fast_path_until(&state.lifecycle, state.policy);
        let until = match &state.replica {
            Some(replica) => until.map(|until| until.earlier(replica.next_sync)),
            None => until,
        };
        let serial = state.lifecycle.serial;
        let snapshot = self.snapshot.load();
        match snapshot.as_ref().filter(|it| it.serial == serial) {
            Some(snapshot) => {
                snapshot.set_fast_path_until(until);
            }
            // The one before is good while the new one is being saved.
            None if state.lifecycle.in_flight.is_some_and(|it| it.done) => {}
            None => {
                let snapshot = TokenSnapshot::new(tokens, serial);
                snapshot.set_fast_path_until(until);
                self.snapshot.store(Some(Arc::new(snapshot)));
            }
        }
    }
}
