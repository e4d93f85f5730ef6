//! The lock of a store: free before anybody hears that the exchange is over, and no more than a lock.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use prancer_auth::SessionBuilder;
use prancer_auth::store::{FileStore, SessionStore as _};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use crate::clock::Hands;
use crate::needs::needs;
use crate::person::{Person, run};
use crate::portal::{asked, builder, sharing};
use crate::redis_server::RedisServer;
use crate::shelf::Shelf;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MOMENT: Duration = Duration::from_millis(1);

/// Tells of every event of a session, as text.
fn hearing(builder: SessionBuilder, hear: impl Fn(&str) + Send + Sync + 'static) -> SessionBuilder {
    builder.on_event(move |event| hear(&format!("{event:?}")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_is_free_before_anybody_hears_that_an_exchange_is_over() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hear = {
        let (heard, store) = (Arc::clone(&heard), store.clone());
        move |event: &str| {
            heard
                .lock()
                .unwrap()
                .push((event.to_owned(), store.holders()));
        }
    };
    let builder = builder(&emulator).store(store.clone()).clock(hands.clone());
    let session = hearing(builder, hear).build().unwrap();
    for _ in 0..20 {
        session.login().await.unwrap();
        assert_eq!(store.holders(), 0, "after a login");
        session.refresh().await.unwrap();
        assert_eq!(store.holders(), 0, "after a renewal");
        hands.pass(8 * DAY);
        emulator.advance(8 * DAY);
        session.token().await.unwrap();
        assert_eq!(store.holders(), 0, "after a token");
    }
    session.logout().await.unwrap();
    assert_eq!(store.holders(), 0, "after a logout");
    let heard = heard.lock().unwrap();
    assert!(heard.len() > 60, "{}", heard.len());
    // Tokens that a login has replaced are ended after it, and meanwhile the next exchange may begin.
    let of_exchanges = heard.iter().filter(|(it, _)| !it.starts_with("NotRevoked"));
    let early: Vec<_> = of_exchanges.filter(|(_, holders)| *holders > 0).collect();
    assert!(early.is_empty(), "heard while it was locked: {early:?}");
}

#[tokio::test]
async fn the_lock_of_a_renewal_that_a_logout_cancels_is_free_before_anybody_hears_of_the_logout() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let held = Arc::new(Mutex::new(Vec::new()));
    let hear = {
        let (held, store) = (Arc::clone(&held), store.clone());
        move |event: &str| {
            if event == "LoggedOut" {
                held.lock().unwrap().push(store.holders());
            }
        }
    };
    let builder = builder(&emulator).store(store.clone()).clock(hands.clone());
    let session = hearing(builder, hear).build().unwrap();
    session.token().await.unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    emulator.fail_next(Operation::Refresh, Fault::Delay(Duration::from_millis(300)));
    let waiting = tokio::spawn({
        let session = session.clone();
        async move { session.token().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    assert_eq!(store.holders(), 1);
    session.logout().await.unwrap();
    assert!(waiting.await.unwrap().is_err());
    assert_eq!(*held.lock().unwrap(), [0]);
    session.settled().await.unwrap();
    assert_eq!(store.holders(), 0);
}

#[tokio::test]
async fn a_session_that_is_settled_holds_no_lock() {
    needs!("redis-server", "redis-cli");
    let emulator = Settings::default().rotation(true).start().unwrap();
    let server = RedisServer::start();
    let hands = Hands::new();
    let store = server.store(&emulator, emulator.user());
    let session = builder(&emulator).store(store).clock(hands.clone());
    let session = session.build().unwrap();
    session.token().await.unwrap();
    // This one begins a renewal behind, which the program that ends waits for.
    hands.pass(7 * DAY - 30 * 60 * Duration::from_secs(1));
    session.token().await.unwrap();
    session.settled().await.unwrap();
    assert_eq!(server.keys(":lock"), [""; 0]);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_process_that_ends_right_after_an_exchange_leaves_no_lock_in_redis() {
    needs!("redis-server", "redis-cli");
    let emulator = Settings::default().rotation(true).start().unwrap();
    let server = RedisServer::start();
    let store = || server.store(&emulator, emulator.user());
    let open = || builder(&emulator).store(store()).build().unwrap();
    let session = open();
    // Nothing runs between the answer and the look: this is all that the process gets to do.
    session.login().await.unwrap();
    assert_eq!(server.keys(":lock"), [""; 0], "after a login");
    session.refresh().await.unwrap();
    assert_eq!(server.keys(":lock"), [""; 0], "after a renewal");
    session.logout().await.unwrap();
    assert_eq!(server.keys(":lock"), [""; 0], "after a logout");
    open().login().await.unwrap();
    assert_eq!(server.keys(":lock"), [""; 0], "after a login");
}

#[test]
fn a_command_that_ends_leaves_no_lock_in_redis() {
    needs!("redis-server", "redis-cli");
    let emulator = Emulator::start().unwrap();
    let (server, person) = (RedisServer::start(), Person::new());
    for arguments in [
        &["login", "--password-stdin"][..],
        &["refresh"],
        &["logout"],
    ] {
        let mut command = person.command(arguments);
        command
            .env("PRANCER_PORTAL", emulator.url())
            .env("PRANCER_EMAIL", "user@example.com")
            .env("PRANCER_CUSTOMER_ID", "customer1")
            .env("PRANCER_STORE", server.url());
        let said = run(command, "correct horse battery staple\n");
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(server.keys(":lock"), [""; 0], "{arguments:?}");
    }
}

#[tokio::test]
async fn who_waits_for_a_lock_finds_what_its_holder_wrote_and_makes_no_exchange() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let (holder, waiter) = (
        sharing(&emulator, &store, &hands),
        sharing(&emulator, &store, &hands),
    );
    holder.token().await.unwrap();
    waiter.token().await.unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    let lock = store.lock().await.unwrap();
    let waiting = tokio::spawn({
        let waiter = waiter.clone();
        async move { waiter.token().await }
    });
    tokio::time::sleep(100 * MOMENT).await;
    assert!(!waiting.is_finished());
    assert!(waiter.status().store_failure.is_none());
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    drop(lock);
    let token = waiting.await.unwrap().unwrap();
    assert_eq!(holder.token().await.unwrap(), token);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

/// The threads of this process that wait for a lock.
#[cfg(target_os = "linux")]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_gives_up_waiting_for_a_lock_leaves_no_thread_behind() {
    const WAITS: usize = 400;
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("state/session.json"));
    let lock = store.lock().await.unwrap();
    let before = threads();
    for _ in 0..WAITS {
        let waits = tokio::time::timeout(MOMENT, store.lock()).await;
        assert!(waits.is_err(), "it is held");
    }
    let after = threads();
    // Others of these stories begin and end threads meanwhile.
    assert!(after < before + WAITS / 2, "{before}, then {after}");
    drop(lock);
    store.lock().await.unwrap();
}
