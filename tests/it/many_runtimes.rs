//! One session, many runtimes: short ones, blocking ones, ones that are not run.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use prancer_auth::store::{MemoryStore, SessionStore as _};
use prancer_auth::{Error, Session, blocking};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use tokio::runtime::{Builder, Runtime};

use crate::clock::Hands;
use crate::portal::{asked, builder, session};
use crate::shelf::Shelf;
use crate::witness::{bare, of, said};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WHILE: Duration = Duration::from_millis(300);
/// Longer than anything here can take that is not held up.
const BOUND: Duration = Duration::from_secs(10);
const THREADS: usize = 8;

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

async fn call(session: &Session) -> Result<u16, Error> {
    let response = session.get("user/get/").send().await?;
    let status = response.status().as_u16();
    response.bytes().await.map(drop).unwrap_or_default();
    Ok(status)
}

/// Runs a story so often on several threads, each until it fails there. Tells how often it came to its end, and what failed.
fn on_threads(
    rounds: usize,
    story: impl Fn() -> Result<u16, String> + Send + Sync,
) -> (usize, Vec<String>) {
    let done = AtomicUsize::new(0);
    let failures = thread::scope(|scope| {
        let worker = || {
            let failed = |_| match story() {
                Ok(200) => {
                    done.fetch_add(1, Ordering::Relaxed);
                    None
                }
                Ok(status) => Some(status.to_string()),
                Err(said) => Some(said),
            };
            (0..rounds).find_map(failed)
        };
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(worker)).collect();
        let failures = workers.into_iter().flat_map(|it| it.join().unwrap());
        failures.collect()
    });
    (done.into_inner(), failures)
}

#[test]
fn short_runtimes_on_many_threads_share_one_session() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let story = || {
        let call = async { tokio::time::timeout(BOUND, call(&session)).await };
        let answer = current_thread().block_on(call);
        let answer = answer.map_err(|_| "the request hangs".to_owned())?;
        answer.map_err(|error| said(&error))
    };
    // In 200 of them one fails, where one does: more of them tell for certain.
    let rounds = 150;
    let (done, failures) = on_threads(rounds, story);
    assert!(failures.is_empty(), "{}: {failures:?}", failures.len());
    assert_eq!(done, rounds * THREADS);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[test]
fn short_blocking_sessions_on_many_threads_share_one_session() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let story = || {
        let blocking = blocking::Session::new(session.clone()).unwrap();
        let reply = blocking.get("user/get/").timeout(BOUND).send();
        reply
            .map(|reply| reply.status().as_u16())
            .map_err(|error| said(&error))
    };
    let rounds = 100;
    let (done, failures) = on_threads(rounds, story);
    assert!(failures.is_empty(), "{}: {failures:?}", failures.len());
    assert_eq!(done, rounds * THREADS);
}

#[test]
fn a_runtime_that_nobody_runs_holds_up_no_request_of_another() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let (left, runs) = (current_thread(), current_thread());
    // It leaves a connection behind that is open and idle.
    assert_eq!(left.block_on(call(&session)).unwrap(), 200);
    let call = async { tokio::time::timeout(BOUND, call(&session)).await };
    let answer = runs.block_on(call);
    assert!(answer.is_ok(), "the request hangs");
    assert_eq!(answer.unwrap().unwrap(), 200);
    drop(left);
}

#[test]
fn a_look_into_the_store_on_a_runtime_that_nobody_runs_holds_nobody_up() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let (left, runs) = (current_thread(), current_thread());
    let before = of(emulator.user(), &emulator, store.clone(), &hands);
    let token = runs.block_on(before.token()).unwrap();
    let session = bare(&emulator, store.clone(), &hands).deadline(BOUND);
    let session = session.build().unwrap();
    store.hangs(true);
    let looks = async { tokio::time::timeout(WHILE, session.token()).await };
    assert!(left.block_on(looks).is_err());
    store.hangs(false);
    assert_eq!(runs.block_on(session.token()).ok(), Some(token));
    drop(left);
}

#[test]
fn a_wait_for_the_lock_on_a_runtime_that_nobody_runs_holds_nobody_up() {
    let store = MemoryStore::default();
    let (left, runs) = (current_thread(), current_thread());
    let held = runs.block_on(store.lock()).unwrap();
    let waits = {
        let store = store.clone();
        left.spawn(async move { store.lock().await })
    };
    left.block_on(tokio::task::yield_now());
    assert!(!waits.is_finished());
    drop(held);
    let locked = runs.block_on(async { tokio::time::timeout(BOUND, store.lock()).await });
    assert!(locked.is_ok(), "the lock waits for one that is not run");
    drop(locked);
    // It gets the lock when it is run again.
    assert!(left.block_on(waits).unwrap().is_ok());
}

#[test]
fn what_an_exchange_that_was_taken_for_lost_still_brings_is_used() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let hands = Hands::new();
    let (left, runs) = (current_thread(), current_thread());
    let first = builder(&emulator).clock(hands.clone()).build().unwrap();
    runs.block_on(first.token()).unwrap();
    let brought = first.stored().unwrap();
    let session = Session::builder(crate::portal::portal(&emulator)).resume(brought);
    let session = session.clock(hands.clone()).deadline(WHILE);
    let session = session.build().unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    // The portal has spent the refresh token; its answer is not read.
    emulator.fail_next(Operation::Refresh, Fault::Late(2 * WHILE));
    let outcome = left.block_on(session.token());
    assert!(matches!(outcome, Err(Error::DeadlineExceeded(_))));
    hands.pass(Duration::from_secs(30));
    // Another one that knows only the spent token gets none.
    assert!(runs.block_on(session.token()).is_err());
    assert_eq!(emulator.calls(Operation::Refresh), 2);
    // Now somebody reads it.
    left.block_on(async { tokio::time::sleep(4 * WHILE).await });
    let token = runs.block_on(session.token());
    assert!(token.is_ok(), "{token:?}");
    assert_eq!(runs.block_on(call(&session)).ok(), Some(200));
    assert_eq!(emulator.calls(Operation::Login), 1);
}

/// The session has asked the portal to renew, and its runtime is not run any more.
fn asks_and_stops(runtime: &Runtime, session: &Session, emulator: &Emulator) {
    emulator.fail_next(Operation::Refresh, Fault::Late(2 * WHILE));
    runtime.block_on(async {
        let asks = asked(emulator, Operation::Refresh, 1);
        tokio::select! { token = session.token() => panic!("{token:?}"), () = asks => {} }
    });
}

#[test]
fn the_lock_of_an_exchange_on_a_runtime_that_is_not_run_is_free_for_the_one_that_replaces_it() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let (left, runs) = (current_thread(), current_thread());
    let session = builder(&emulator).store(store).clock(hands.clone());
    let session = session.deadline(BOUND).build().unwrap();
    runs.block_on(session.token()).unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    // It has the lock, and has asked the portal.
    asks_and_stops(&left, &session, &emulator);
    hands.pass(Duration::from_secs(30));
    let token = runs.block_on(session.token());
    assert!(token.is_ok(), "{token:?}");
    drop(left);
}

#[test]
fn the_lock_of_an_exchange_whose_runtime_ends_is_free_at_once() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let (left, runs) = (current_thread(), current_thread());
    let open = || of(emulator.user(), &emulator, store.clone(), &hands);
    let (session, other) = (open(), open());
    runs.block_on(session.token()).unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    asks_and_stops(&left, &session, &emulator);
    drop(left);
    // The session itself lives on, and does nothing.
    let locked = runs.block_on(async { tokio::time::timeout(BOUND, store.lock()).await });
    assert!(locked.is_ok(), "the lock is still held");
    drop(locked);
    assert!(runs.block_on(other.token()).is_ok());
    drop(session);
}

#[test]
fn a_good_token_waits_for_no_exchange_on_a_runtime_that_nobody_runs() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let hands = Hands::new();
    let (left, runs) = (current_thread(), current_thread());
    let session = builder(&emulator).clock(hands.clone()).deadline(BOUND);
    let session = Arc::new(session.build().unwrap());
    let token = left.block_on(session.token()).unwrap();
    // The renewal is due, and begins behind on the runtime that is left.
    hands.pass(7 * DAY - Duration::from_secs(30 * 60));
    assert_eq!(left.block_on(session.token()).unwrap(), token);
    assert_eq!(runs.block_on(session.token()).unwrap(), token);
    assert_eq!(runs.block_on(call(&session)).unwrap(), 200);
    drop(left);
    assert_eq!(runs.block_on(session.token()).unwrap(), token);
}
