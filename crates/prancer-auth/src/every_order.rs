//! The hub under shuttle, which runs its users in thousands of orders: the same source, on shuttle's locks.
#![allow(
    clippy::duplicate_mod,
    reason = "the hub is built once on the system's locks and once on shuttle's"
)]

mod sync {
    pub(crate) use shuttle::sync::{Mutex, MutexGuard};
}
#[expect(dead_code, reason = "the stories here do not use all of it")]
#[path = "hub.rs"]
mod hub;
#[expect(dead_code, reason = "the stories here do not use all of it")]
#[path = "ticket.rs"]
mod ticket;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shuttle::future::block_on;
use shuttle::thread;

use crate::caller::Tokens;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::life::{Demand, Now, Policy};
use crate::memory::{Memory, Outcome};
use hub::{Entry, Hub};
use ticket::Ticket;

const ORDERS: usize = 3000;
const CALLERS: usize = 4;

fn now() -> Now {
    Now {
        wall: Duration::from_secs(1 << 31),
        monotonic: Duration::from_secs(1 << 31),
    }
}

fn hub() -> Arc<Hub> {
    let policy = Policy::default();
    let credentials = Credentials::new("user@example.com", "password", "customer1");
    let memory = Memory::new(Some(credentials), &policy);
    Arc::new(Hub::new(policy, memory))
}

/// Runs an exchange that brings tokens, and checks that no other runs meanwhile.
fn exchange(ticket: &Ticket, running: &AtomicUsize) -> Option<Tokens> {
    assert_eq!(
        running.fetch_add(1, Ordering::SeqCst),
        0,
        "two exchanges at once"
    );
    thread::yield_now();
    running.fetch_sub(1, Ordering::SeqCst);
    let tokens = Tokens::new("access".into(), "refresh".into()).unwrap();
    let aftermath = ticket.report(now(), Ok(tokens), now(), 0.5);
    thread::yield_now();
    if let Some(ending) = aftermath.ending {
        ending.tell();
    }
    aftermath.orphan
}

/// Asks as the engine does, but runs the exchange right here.
fn ask(hub: &Arc<Hub>, running: &AtomicUsize, exchanges: &AtomicUsize) -> Outcome {
    loop {
        match hub.enter(Demand::Good, now(), true) {
            Entry::Ready(published, _) => return Ok(published),
            Entry::Refused(error) => return Err(error),
            Entry::Wait(waiter, ticket) => {
                if let Some(ticket) = ticket {
                    exchanges.fetch_add(1, Ordering::SeqCst);
                    exchange(&ticket, running);
                }
                if let Some(outcome) = block_on(waiter.outcome()) {
                    return outcome;
                }
            }
        }
    }
}

#[test]
fn callers_in_any_order_share_one_exchange() {
    shuttle::check_random(
        || {
            let (hub, running) = (hub(), Arc::new(AtomicUsize::new(0)));
            let exchanges = Arc::new(AtomicUsize::new(0));
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (hub, running) = (Arc::clone(&hub), Arc::clone(&running));
                    let exchanges = Arc::clone(&exchanges);
                    thread::spawn(move || ask(&hub, &running, &exchanges).unwrap().generation)
                })
                .collect();
            for caller in callers {
                assert_eq!(caller.join().unwrap(), 1);
            }
            assert_eq!(exchanges.load(Ordering::SeqCst), 1);
        },
        ORDERS,
    );
}

#[test]
fn refusals_of_one_token_in_any_order_cause_one_exchange() {
    shuttle::check_random(
        || {
            let (hub, running) = (hub(), Arc::new(AtomicUsize::new(0)));
            let exchanges = Arc::new(AtomicUsize::new(0));
            let refused = ask(&hub, &running, &exchanges).unwrap().generation;
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (hub, running) = (Arc::clone(&hub), Arc::clone(&running));
                    let exchanges = Arc::clone(&exchanges);
                    thread::spawn(move || {
                        hub.token_refused(refused, now());
                        ask(&hub, &running, &exchanges).unwrap().generation
                    })
                })
                .collect();
            for caller in callers {
                assert!(caller.join().unwrap() > refused, "a refused token again");
            }
            assert_eq!(exchanges.load(Ordering::SeqCst), 2);
        },
        ORDERS,
    );
}

#[test]
fn a_logout_in_any_order_is_final_and_leaves_nobody_waiting() {
    shuttle::check_random(
        || {
            let (hub, running) = (hub(), Arc::new(AtomicUsize::new(0)));
            let exchanges = Arc::new(AtomicUsize::new(0));
            let callers: Vec<_> = (0..CALLERS)
                .map(|_| {
                    let (hub, running) = (Arc::clone(&hub), Arc::clone(&running));
                    let exchanges = Arc::clone(&exchanges);
                    thread::spawn(move || match ask(&hub, &running, &exchanges) {
                        Ok(_) | Err(Error::LoggedOut) => {}
                        Err(error) => panic!("{error}"),
                    })
                })
                .collect();
            hub.log_out(now());
            assert!(hub.published().is_none());
            for caller in callers {
                caller.join().unwrap();
            }
            assert!(
                hub.published().is_none(),
                "a late exchange brought the session back"
            );
            let after = hub.enter(Demand::Good, now(), true);
            assert!(matches!(after, Entry::Refused(Error::LoggedOut)));
        },
        ORDERS,
    );
}

#[test]
fn an_exchange_whose_task_dies_leaves_nobody_waiting() {
    shuttle::check_random(
        || {
            let (hub, running) = (hub(), Arc::new(AtomicUsize::new(0)));
            let exchanges = Arc::new(AtomicUsize::new(0));
            let dies = {
                let hub = Arc::clone(&hub);
                thread::spawn(move || match hub.enter(Demand::Good, now(), true) {
                    // The ticket is dropped here and now.
                    Entry::Wait(_, ticket) => drop(ticket),
                    Entry::Ready(..) => {}
                    Entry::Refused(error) => panic!("{error}"),
                })
            };
            let callers: Vec<_> = (0..CALLERS - 1)
                .map(|_| {
                    let (hub, running) = (Arc::clone(&hub), Arc::clone(&running));
                    let exchanges = Arc::clone(&exchanges);
                    thread::spawn(move || ask(&hub, &running, &exchanges).map(|it| it.generation))
                })
                .collect();
            dies.join().unwrap();
            for caller in callers {
                assert_eq!(caller.join().unwrap().unwrap(), 1);
            }
        },
        ORDERS,
    );
}
