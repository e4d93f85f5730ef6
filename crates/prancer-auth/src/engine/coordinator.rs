//! The coordinator: one state behind one lock, and a snapshot of its token that is read without it.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwapOption, Guard};
use tokio::sync::Notify;

use super::context::Context;
use super::mutex::Mutex;
use crate::engine::exchange_state::ExchangeState;
use crate::engine::outcome::{Waiter, Wanted};
use crate::engine::session_state::SessionState;
use crate::engine::snapshot::TokenSnapshot;
use crate::error::Error;
use crate::lifecycle::{Decision, Demand, Exchange, NoToken, Now, decide, fast_path_until};
use crate::settings::credentials::Credentials;

pub(crate) struct Coordinator {
    state: Mutex<SessionState>,
    snapshot: ArcSwapOption<TokenSnapshot>,
    pub(crate) context: Context,
    /// Notified when a task or a read of the store is over.
    pub(crate) progress: Notify,
}

/// What a caller gets that wants a token.
pub(crate) enum Admission {
    /// The token, which can be handed out. The exchange that the caller has begun, if it has, is to run behind.
    Use(Option<u64>),
    /// An exchange to wait for.
    Wait(Waiter),
}

impl Coordinator {
    pub(crate) fn new(state: SessionState, context: Context) -> Self {
        let coordinator = Self {
            state: Mutex::new(state),
            snapshot: ArcSwapOption::empty(),
            context,
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

    /// Admits a caller that wants a token. Only one that can wait can run an exchange.
    pub(crate) fn admit(
        &self,
        demand: Demand,
        now: Now,
        can_wait: bool,
    ) -> Result<Admission, Error> {
        self.give_up_silent(now);
        self.update(|state| {
            if let Err(NoToken::NotLoggedIn | NoToken::SessionExpired) = state.lifecycle.token
                && state.lifecycle.in_flight.is_none()
                && let Some(error) = state.foreign()
            {
                return Err(error);
            }
            match decide(&state.lifecycle, demand, now, state.policy) {
                Decision::UseAndStart(exchange) if can_wait => {
                    let begun = state.start(exchange, false, None, now).id;
                    Ok(Admission::Use(Some(begun)))
                }
                Decision::Use | Decision::UseAndStart(_) => Ok(Admission::Use(None)),
                Decision::Start(_) | Decision::Join if !can_wait => Err(Error::NoRuntime),
                Decision::Start(exchange) => {
                    Ok(Admission::Wait(state.start(exchange, true, None, now)))
                }
                Decision::Join => match state.join(state.wanted_by_token(now), now) {
                    Some(waiter) => Ok(Admission::Wait(waiter)),
                    None => Err(state.try_later(Duration::ZERO)),
                },
                Decision::TryLater(retry_in) => Err(state.try_later(retry_in)),
                Decision::Deny(why) => Err(state.denied(why)),
                Decision::DenyShort(asked) => {
                    let left = state.valid_for(now).unwrap_or_default();
                    Err(Error::ShortLived { asked, left })
                }
            }
        })
    }

    /// Begins a login that a caller asks for, with other credentials if there are any; waits for an exchange in flight first.
    ///
    /// A caller that begins none shares in a login that is in flight, if that is with the same credentials.
    pub(crate) fn log_in(&self, others: &Option<Credentials>, now: Now) -> Result<Waiter, Error> {
        self.give_up_silent(now);
        self.update(|state| {
            if let Some(it) = state.lifecycle.in_flight(now, state.policy) {
                let credentials = others.as_ref().or(state.credentials.as_ref());
                let same = it.exchange == Exchange::LogIn && credentials == state.tried();
                let wanted = match (same, it.supersedes) {
                    (true, true) => Wanted::Outcome,
                    (true, false) => Wanted::Success,
                    (false, _) => Wanted::End,
                };
                if let Some(waiter) = state.join(wanted, now) {
                    return Ok(waiter);
                }
            }
            let candidate = match (others, &state.credentials) {
                (Some(others), _) => others.clone(),
                (None, Some(_)) if state.lifecycle.credentials_from.is_none() => {
                    return Err(state.denied(NoToken::CredentialsRejected));
                }
                (None, Some(held)) => held.clone(),
                (None, None) => return Err(Error::NoCredentials),
            };
            if let Some(wait) = state.lifecycle.retry_in(now) {
                return Err(state.try_later(wait));
            }
            Ok(state.start(Exchange::LogIn, true, Some(candidate), now))
        })
    }

    /// An exchange whose task is not run any more holds the store's lock no longer. Dropping a lock may run the program's own code, which may
    /// use this session: it is done outside of the state's lock, and before another exchange begins.
    fn give_up_silent(&self, now: Now) {
        drop(self.update(|state| state.give_up_silent(now)));
    }

    /// Tells callers that wait how their exchange ended.
    pub(crate) fn tell(&self, exchange: ExchangeState, result: Result<(), Error>) {
        exchange.tell(result, self.snapshot.load_full());
    }

    /// Puts the token where every caller reaches it, or takes it away.
    fn publish(&self, state: &SessionState) {
        let (Ok(_), Some(tokens)) = (state.lifecycle.token, &state.tokens) else {
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
            // The previous token is served until the new one is saved.
            None if state.lifecycle.in_flight.is_some_and(|it| it.is_saving()) => {
                if let (true, Some(snapshot)) = (state.lifecycle.is_replacing_stale(), &*snapshot) {
                    snapshot.set_fast_path_until(None);
                }
            }
            None => {
                let snapshot = TokenSnapshot::new(tokens, serial);
                snapshot.set_fast_path_until(until);
                self.snapshot.store(Some(Arc::new(snapshot)));
            }
        }
    }
}
