//! Runtimes that end, that are not run, that are missing: nothing hangs, nothing panics.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use prancer_auth::{Error, Portal, Session, SessionEvent, Transport, blocking};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

use crate::clock::Hands;
use crate::portal::{asked, builder, credentials, eventually, portal, session};
use crate::witness::{two_addresses, user_of};

/// Long enough for everybody to have asked.
const WHILE: Duration = Duration::from_millis(300);

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn poll_once<T>(call: impl Future<Output = T>) -> Poll<T> {
    std::pin::pin!(call).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_session_outlives_the_runtime_that_it_began_on() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    for _ in 0..3 {
        let runtime = Runtime::new().unwrap();
        runtime
            .block_on(async {
                session
                    .refresh()
                    .await
                    .map(drop)
                    .or_else(|error| match error {
                        Error::NotLoggedIn => Ok(()),
                        other => Err(other),
                    })
            })
            .unwrap();
        let status = runtime
            .block_on(session.get("user/get/").send())
            .unwrap()
            .status();
        assert_eq!(status, StatusCode::OK);
    }
}

#[test]
fn a_runtime_that_ends_in_an_exchange_leaves_nobody_hanging() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    emulator.fail_next(Operation::Login, Fault::Delay(Duration::from_secs(60)));
    let (first, second) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    first.spawn({
        let session = session.clone();
        async move { session.token().await }
    });
    second.block_on(asked(&emulator, Operation::Login, 1));
    let waiting = second.spawn({
        let session = session.clone();
        async move { session.token().await }
    });
    first.shutdown_background();
    let token = second.block_on(waiting).unwrap();
    assert!(token.is_ok(), "{token:?}");
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[test]
fn who_joins_an_exchange_without_a_runtime_is_told_so() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    let runtime = Runtime::new().unwrap();
    let first = runtime.spawn({
        let session = session.clone();
        async move { session.token().await }
    });
    runtime.block_on(asked(&emulator, Operation::Login, 1));
    let polled = poll_once(session.token());
    assert!(matches!(polled, Poll::Ready(Err(Error::NoRuntime))));
    assert!(runtime.block_on(first).unwrap().is_ok());
}

#[test]
fn without_a_runtime_a_session_says_so() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let polled = poll_once(session.token());
    assert!(
        matches!(polled, Poll::Ready(Err(Error::NoRuntime))),
        "{polled:?}"
    );
    // Nor does it keep others waiting afterwards.
    assert!(session.status().failure.is_none());
    assert!(current_thread().block_on(session.token()).is_ok());
}

#[test]
fn two_runtimes_that_take_turns_both_have_what_they_ask_for() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    let (first, second) = (current_thread(), current_thread());
    first.block_on(session.token()).unwrap();
    for _ in 0..3 {
        second.block_on(session.refresh()).unwrap();
        first.block_on(session.refresh()).unwrap();
    }
    assert_eq!(emulator.calls(Operation::Refresh), 6);
}

#[test]
fn an_exchange_on_a_runtime_that_nobody_runs_is_begun_anew() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let builder = builder(&emulator).clock(hands.clone());
    let session = builder.deadline(WHILE).build().unwrap();
    let (left, runs) = (current_thread(), current_thread());
    emulator.fail_next(Operation::Login, Fault::Delay(2 * WHILE));
    let outcome = left.block_on(session.token());
    assert!(matches!(outcome, Err(Error::DeadlineExceeded(_))));
    // Its answer may have come, but it is not read.
    let outcome = runs.block_on(session.token());
    assert!(matches!(outcome, Err(Error::DeadlineExceeded(_))));
    hands.pass(Duration::from_secs(30));
    let token = runs.block_on(session.token()).unwrap();
    assert_eq!(emulator.calls(Operation::Login), 2);
    // What comes late changes nothing, and is ended at the portal.
    left.block_on(asked(&emulator, Operation::Logout, 1));
    left.block_on(eventually(|| emulator.sessions() == 1));
    assert_eq!(emulator.calls(Operation::Logout), 1);
    assert_eq!(runs.block_on(session.token()).unwrap(), token);
}

#[test]
fn a_login_of_somebody_else_that_comes_too_late_is_ended_and_not_used() {
    let (emulator, first, second) = two_addresses();
    let hands = Hands::new();
    let builder = Session::builder(portal(&emulator)).credentials(credentials(&first));
    let session = builder.clock(hands.clone()).build().unwrap();
    let (left, runs) = (current_thread(), current_thread());
    emulator.fail_next(Operation::Login, Fault::Late(2 * WHILE));
    left.block_on(async {
        let login = session.login_with(credentials(&second));
        let asked = asked(&emulator, Operation::Login, 1);
        tokio::select! {
            _ = login => panic!("it is answered later"),
            () = asked => {}
        }
    });
    hands.pass(Duration::from_secs(30));
    // The session's own login begins, and comes to nothing.
    for _ in 0..3 {
        let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE);
        emulator.fail_next(Operation::Login, unavailable);
    }
    let outcome = runs.block_on(session.token());
    assert!(matches!(outcome, Err(Error::TryLater { .. })));
    left.block_on(asked(&emulator, Operation::Logout, 1));
    left.block_on(eventually(|| emulator.sessions() == 0));
    hands.pass(Duration::from_secs(60));
    assert_eq!(runs.block_on(user_of(&session)).unwrap().0, first.email);
}

#[tokio::test]
async fn a_renewal_that_fails_holds_a_good_token_back_from_nobody() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let (same, heard) = (Arc::new(OnceLock::<Session>::new()), Arc::default());
    let on_event = {
        let (same, heard) = (Arc::clone(&same), Arc::clone(&heard));
        move |event: &SessionEvent| {
            if let (SessionEvent::ExchangeFailed(_), Some(session)) = (event, same.get()) {
                // The exchange is not over yet, but what it ends in is known.
                let polled = poll_once(session.token_valid_for(Duration::from_secs(60)));
                *Mutex::lock(&heard).unwrap() = Some(matches!(polled, Poll::Ready(Ok(_))));
            }
        }
    };
    let builder = builder(&emulator).clock(hands.clone()).on_event(on_event);
    let session = same.get_or_init(|| builder.build().unwrap());
    let token = session.token().await.unwrap();
    hands.pass(Duration::from_secs(7 * 24 * 60 * 60 - 30 * 60));
    emulator.fail_next(
        Operation::Refresh,
        Fault::status(StatusCode::SERVICE_UNAVAILABLE),
    );
    assert_eq!(session.token().await.unwrap(), token);
    session.settled().await.unwrap();
    assert_eq!(*heard.lock().unwrap(), Some(true));
}

#[tokio::test]
async fn a_callback_that_panics_takes_no_token_with_it() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let on_event = |change: &SessionEvent| panic!("told of {change:?}");
    let session = builder(&emulator).on_event(on_event).build().unwrap();
    let first = session.token().await.unwrap();
    assert_ne!(session.refresh().await.unwrap(), first);
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    // Nor is the portal asked again for what it has given.
    session.login().await.unwrap();
    session.settled().await.unwrap();
    assert_eq!(emulator.calls(Operation::Login), 2);
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn a_program_that_ends_waits_for_the_renewal_behind() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let old = session.token().await.unwrap();
    hands.pass(Duration::from_secs(7 * 24 * 60 * 60 - 30 * 60));
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    assert_eq!(session.token().await.unwrap(), old);
    session.settled().await.unwrap();
    assert_ne!(session.token().await.unwrap(), old);
    session.settled().await.unwrap();
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[test]
fn an_idle_session_has_no_task() {
    let emulator = Emulator::start().unwrap();
    let runtime = Runtime::new().unwrap();
    let transport = Transport::new();
    let sessions: Vec<_> = (0..20)
        .map(|_| {
            builder(&emulator)
                .transport(transport.clone())
                .build()
                .unwrap()
        })
        .collect();
    runtime.block_on(async {
        for session in &sessions {
            session.token().await.unwrap();
        }
        // Connections that close take a moment.
        let metrics = tokio::runtime::Handle::current().metrics();
        eventually(|| metrics.num_alive_tasks() == 0).await;
    });
    assert_eq!(emulator.calls(Operation::Login), 20);
}

#[tokio::test]
async fn many_sessions_share_one_connection_for_their_requests() {
    let emulator = Emulator::start().unwrap();
    let (url, connections) = counted(&emulator).await;
    let transport = Transport::new();
    for _ in 0..5 {
        let portal = Portal::new(&url).unwrap();
        let session = Session::builder(portal)
            .credentials(credentials(emulator.user()))
            .transport(transport.clone())
            .build()
            .unwrap();
        let response = session.get("user/get/").send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.bytes().await.unwrap();
    }
    // Five logins with a connection each, and one for all requests.
    assert_eq!(connections.load(Ordering::SeqCst), 6);
}

#[test]
fn a_runtime_has_a_pool_from_its_second_request_on_and_the_first_one_at_once() {
    let emulator = Emulator::start().unwrap();
    let clients = Arc::new(AtomicUsize::new(0));
    let made = Arc::clone(&clients);
    let stays = Runtime::new().unwrap();
    let (url, connections) = stays.block_on(counted(&emulator));
    let builder = move || {
        made.fetch_add(1, Ordering::SeqCst);
        reqwest::Client::builder()
    };
    let session = Session::builder(Portal::new(&url).unwrap())
        .credentials(credentials(emulator.user()))
        .transport(Transport::with(builder).unwrap())
        .build()
        .unwrap();
    let count = || {
        (
            clients.load(Ordering::SeqCst),
            connections.load(Ordering::SeqCst),
        )
    };
    let calls = |requests: usize| {
        let before = count();
        current_thread().block_on(async {
            for _ in 0..requests {
                let response = session.get("user/get/").send().await.unwrap();
                response.bytes().await.unwrap();
            }
        });
        (count().0 - before.0, count().1 - before.1)
    };
    // One client for the login, which has a connection of its own.
    assert_eq!(calls(3), (2, 2));
    // One client without a pool, for all runtimes that do not come again.
    assert_eq!(calls(1), (1, 1));
    assert_eq!([calls(1), calls(1)], [(0, 1), (0, 1)]);
    assert_eq!(calls(5), (1, 2));
    // Where a request is begun outside of the runtime that sends it, too.
    let before = clients.load(Ordering::SeqCst);
    let blocking = blocking::Session::new(session.clone()).unwrap();
    for pools in [0, 1, 1] {
        blocking.get("user/get/").send().unwrap().bytes().unwrap();
        assert_eq!(clients.load(Ordering::SeqCst) - before, pools);
    }
}

/// A way to the emulator that counts the connections.
async fn counted(emulator: &Emulator) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = emulator.url().replace("http://", "");
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut to = TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut from, &mut to).await });
        }
    });
    (url, connections)
}
