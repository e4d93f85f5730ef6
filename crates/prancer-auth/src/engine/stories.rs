//! The engine under shuttle, which runs its users in thousands of orders: the same source, on shuttle's lock and in shuttle's time.
#![allow(
    clippy::duplicate_mod,
    reason = "the engine is built once on the system's lock and once on shuttle's"
)]

mod mutex {
    pub(crate) use shuttle::sync::Mutex;
}
mod timer;

#[path = "context.rs"]
mod context;
#[expect(dead_code, reason = "the stories here do not use all of it")]
#[path = "coordinator.rs"]
mod coordinator;
#[path = "exchange.rs"]
mod exchange;
#[path = "exchange_guard.rs"]
mod exchange_guard;
#[expect(dead_code, reason = "what a caller of an engine does is not used")]
#[path = "logout.rs"]
mod logout;
#[path = "settle.rs"]
mod settle;
mod store;
#[path = "store_sync.rs"]
mod store_sync;
#[path = "task_guard.rs"]
mod task_guard;

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use prancer_auth_client::AccessToken;
use shuttle::future::block_on;
use shuttle::thread;

use super::outcome::Outcome;
use super::session_state::SessionState;
use super::{clock, effects, exchange_state, observer};
use crate::api::client::{TokenEndpoint, TokenFuture};
use crate::api::tokens::{TokenRequest, Tokens};
use crate::api::transient_error::TransientError;
use crate::error::Error;
use crate::lifecycle::{Demand, Event, Identity, Now, Policy};
use crate::settings::credentials::Credentials;
use crate::store::{StoredLogout, StoredSession, StoredTokens};
use clock::Clock;
use context::Context;
use coordinator::{Admission, Coordinator};
use exchange_guard::ExchangeGuard;
use observer::Observer;

const ORDERS: usize = 3000;
const CALLERS: usize = 4;
const POLICY: &Policy = &Policy::STANDARD;

/// What a logout knows of an engine.
struct Engine {
    coordinator: Arc<Coordinator>,
}

impl Engine {
    fn deadline(&self) -> Option<timer::Instant> {
        None
    }

    async fn within<T>(
        &self,
        _: Option<timer::Instant>,
        call: impl Future<Output = T>,
    ) -> Result<T, Error> {
        Ok(call.await)
    }
}

fn now() -> Now {
    Now {
        wall: Duration::from_secs(1 << 31),
        monotonic: Duration::from_secs(1 << 31),
    }
}

fn session(shared: bool) -> Arc<Coordinator> {
    let context = Context {
        endpoint: Arc::new(Unasked),
        store: None,
        must_save: false,
        clock: Arc::new(Still),
        observer: Observer::default(),
        policy: POLICY,
    };
    session_with(shared, context)
}

fn session_with(shared: bool, context: Context) -> Arc<Coordinator> {
    let credentials = Credentials::new("user@example.com", "password", "customer1");
    let identity = credentials.identity_at("https://portal/");
    let state = SessionState::new(identity, Some(credentials), shared, now(), POLICY);
    Arc::new(Coordinator::new(state, context))
}

/// The stories bring the portal's answers themselves.
struct Unasked;

impl TokenEndpoint for Unasked {
    fn tokens<'a>(&'a self, _: &'a TokenRequest) -> TokenFuture<'a, Tokens> {
        Box::pin(ready(Err(TransientError::Interrupted.into())))
    }

    fn log_out<'a>(&'a self, _: &'a AccessToken) -> TokenFuture<'a, ()> {
        Box::pin(ready(Err(TransientError::Interrupted.into())))
    }
}

/// Time stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Now {
        now()
    }
}

/// Runs an exchange that brings tokens, and checks that no other runs meanwhile, and that nothing is handed out before it is complete.
fn exchange(guard: &ExchangeGuard, running: &AtomicUsize) {
    assert_eq!(
        running.fetch_add(1, Ordering::SeqCst),
        0,
        "two exchanges at once"
    );
    let before = guard.coordinator().snapshot().as_ref().map(|it| it.serial);
    if let Some(attempt) = guard.next_attempt() {
        thread::yield_now();
        let tokens = Tokens::new("access".into(), "refresh".into()).unwrap();
        let _ = guard.report(&attempt, Ok(tokens));
        thread::yield_now();
        let after = guard.coordinator().snapshot().as_ref().map(|it| it.serial);
        // What others have written may be handed out at once.
        let shared = guard.coordinator().update(|state| state.replica.is_some());
        assert!(
            shared || after.is_none() || after == before,
            "handed out before it is complete"
        );
    }
    running.fetch_sub(1, Ordering::SeqCst);
    guard.complete();
}

/// Asks as the engine does, but runs the exchange right here.
fn ask(session: &Arc<Coordinator>, running: &AtomicUsize, exchanges: &AtomicUsize) -> Outcome {
    loop {
        let Admission::Wait(mut waiter) = session.admit(Demand::Good, now(), true)? else {
            let token = session.snapshot();
            return token.as_ref().map(Arc::clone).ok_or(Error::LoggedOut);
        };
        if waiter.begun {
            exchanges.fetch_add(1, Ordering::SeqCst);
            exchange(&ExchangeGuard::new(Arc::clone(session), waiter.id), running);
        }
        if let Some(outcome) = block_on(waiter.outcome()) {
            return outcome;
        }
    }
}

/// Callers at once, each of which does this; what they return, in any order.
fn crowd<T: Send + 'static>(
    callers: usize,
    session: &Arc<Coordinator>,
    exchanges: &Arc<AtomicUsize>,
    call: impl Fn(&Arc<Coordinator>, &AtomicUsize, &AtomicUsize) -> T + Clone + Send + 'static,
) -> Vec<thread::JoinHandle<T>> {
    let running = Arc::new(AtomicUsize::new(0));
    let caller = |_| {
        let (session, running) = (Arc::clone(session), Arc::clone(&running));
        let (exchanges, call) = (Arc::clone(exchanges), call.clone());
        thread::spawn(move || call(&session, &running, &exchanges))
    };
    (0..callers).map(caller).collect()
}

/// Callers at once that ask for a token, whose outcome is looked at.
fn asking(
    callers: usize,
    session: &Arc<Coordinator>,
    exchanges: &Arc<AtomicUsize>,
    check: fn(Outcome),
) -> Vec<thread::JoinHandle<()>> {
    crowd(
        callers,
        session,
        exchanges,
        move |it, running, exchanges| {
            check(ask(it, running, exchanges));
        },
    )
}

fn logged_out_at_worst(outcome: Outcome) {
    match outcome {
        Ok(_) | Err(Error::LoggedOut) => {}
        Err(error) => panic!("{error}"),
    }
}

/// What the store holds is read by a task of this session.
fn reads(session: &Coordinator, stored: StoredSession) {
    let effects = session.update(|state| state.reconcile(Some(&stored), now()));
    for (exchange, result) in effects.ended {
        session.tell(exchange, result);
    }
}

fn in_any_order(story: impl Fn(&Arc<AtomicUsize>) + Send + Sync + 'static) {
    shuttle::check_random(move || story(&Arc::new(AtomicUsize::new(0))), ORDERS);
}

#[test]
fn callers_in_any_order_share_one_exchange() {
    in_any_order(|exchanges| {
        let callers = crowd(
            CALLERS,
            &session(false),
            exchanges,
            |it, running, exchanges| ask(it, running, exchanges).unwrap().serial,
        );
        for caller in callers {
            assert_eq!(caller.join().unwrap(), 1);
        }
        assert_eq!(exchanges.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn rejections_of_one_token_in_any_order_cause_one_exchange() {
    in_any_order(|exchanges| {
        let session = session(false);
        let serial = ask(&session, &AtomicUsize::new(0), exchanges)
            .unwrap()
            .serial;
        let callers = crowd(
            CALLERS,
            &session,
            exchanges,
            move |it, running, exchanges| {
                it.update(|state| state.apply(Event::TokenStale(serial), now()));
                ask(it, running, exchanges).unwrap().serial
            },
        );
        for caller in callers {
            assert!(caller.join().unwrap() > serial, "a rejected token again");
        }
        assert_eq!(exchanges.load(Ordering::SeqCst), 2);
    });
}

#[test]
fn a_logout_in_any_order_is_final_and_leaves_no_caller_waiting() {
    in_any_order(|exchanges| {
        let session = session(false);
        let callers = asking(CALLERS, &session, exchanges, logged_out_at_worst);
        let (_, effects) = session.update(|state| state.log_out(true, now()));
        for (exchange, result) in effects.ended {
            session.tell(exchange, result);
        }
        for caller in callers {
            caller.join().unwrap();
        }
        assert!(session.snapshot().is_none(), "a late exchange");
        let after = session.admit(Demand::Good, now(), true);
        assert!(matches!(after, Err(Error::LoggedOut)));
        assert_eq!(session.update(|state| state.tasks), 0);
    });
}

#[test]
fn an_exchange_whose_task_dies_leaves_no_caller_waiting() {
    in_any_order(|exchanges| {
        let session = session(false);
        let dies = crowd(1, &session, exchanges, |it, _, _| {
            // The guard is dropped here and now.
            match it.admit(Demand::Good, now(), true).unwrap() {
                Admission::Wait(waiter) if waiter.begun => {
                    drop(ExchangeGuard::new(Arc::clone(it), waiter.id));
                }
                Admission::Wait(_) | Admission::Use(_) => {}
            }
        });
        let callers = crowd(
            CALLERS - 1,
            &session,
            exchanges,
            |it, running, exchanges| ask(it, running, exchanges).map(|it| it.serial),
        );
        for caller in dies {
            caller.join().unwrap();
        }
        for caller in callers {
            assert_eq!(caller.join().unwrap().unwrap(), 1);
        }
    });
}

fn stored(customer_id: &str, generation: u64, logged_out: bool) -> StoredSession {
    let identity = Identity::new("https://portal/").with_customer_id(customer_id);
    let at_ms = (1 << 31) * 1000;
    let session = if logged_out {
        let until_ms = at_ms + 1000;
        StoredSession::logged_out(identity, StoredLogout { at_ms, until_ms })
    } else {
        let tokens = StoredTokens {
            access_token: "theirs".into(),
            refresh_token: "theirs".into(),
            issued_at_ms: at_ms,
            lifetime_ms: 24 * 60 * 60 * 1000,
            login: None,
        };
        StoredSession::new(identity, tokens)
    };
    session.with_generation(generation)
}

#[test]
fn what_a_store_brings_in_any_order_ends_waiting_and_the_later_one_counts() {
    in_any_order(|exchanges| {
        let session = session(true);
        let callers = asking(CALLERS - 1, &session, exchanges, logged_out_at_worst);
        // Later than any login of now.
        let generation = u64::MAX / 2;
        for (generation, logged_out) in [(generation, false), (generation, true)] {
            reads(&session, stored("customer1", generation, logged_out));
            thread::yield_now();
        }
        for caller in callers {
            caller.join().unwrap();
        }
        assert!(
            session.snapshot().is_none(),
            "a token after a logout elsewhere"
        );
        let after = session.admit(Demand::Good, now(), true);
        assert!(matches!(after, Err(Error::LoggedOut)));
    });
}

#[test]
fn what_belongs_to_another_customer_in_any_order_is_not_handed_out() {
    in_any_order(|exchanges| {
        let session = session(true);
        let callers = asking(CALLERS - 1, &session, exchanges, |outcome| match outcome {
            Ok(token) => assert_eq!(token.access.expose(), "access"),
            Err(Error::OtherCustomer(customer)) => assert_eq!(customer, "customer2"),
            Err(error) => panic!("{error}"),
        });
        reads(&session, stored("customer2", u64::MAX / 2, false));
        for caller in callers {
            caller.join().unwrap();
        }
    });
}
