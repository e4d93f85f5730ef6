//! Calls that are held up for long: minutes pass at once here, while nothing but the clock is waited for.

use std::io::{Read as _, Write as _};
use std::time::Duration;

use prancer_auth::store::{FileStore, SessionStore};
use prancer_auth::{Portal, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::{Instant, advance, pause, resume, sleep};

use crate::clock::Hands;
use crate::portal::{asked, builder, credentials, portal, sharing};
use crate::shelf::Shelf;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
const WHILE: Duration = Duration::from_millis(300);
/// An attempt that gets no answer is given up after so long.
const ATTEMPT: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_store_that_is_only_locked_is_not_away_and_nobody_renews_alone() {
    let store = Shelf::default();
    let lock = async || store.lock().await.unwrap();
    nobody_renews_alone_while_it_is_held(store.clone(), lock).await;
}

#[tokio::test]
async fn a_file_that_another_process_saves_for_long_is_only_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/session.json");
    let lock = async || {
        // As a process does that is stopped in its save.
        let saving = std::fs::File::create(path.with_extension("json.saving")).unwrap();
        saving.lock().unwrap();
        saving
    };
    nobody_renews_alone_while_it_is_held(FileStore::new(&path), lock).await;
}

async fn nobody_renews_alone_while_it_is_held<L>(
    store: impl SessionStore + Clone,
    lock: impl AsyncFnOnce() -> L,
) {
    let emulator = Settings::default()
        .rotation(true)
        .reuse_detection(true)
        .start()
        .unwrap();
    let hands = Hands::new();
    let open = || sharing(&emulator, &store, &hands);
    let sessions = [open(), open()];
    for session in &sessions {
        session.token().await.unwrap();
    }
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    let lock = lock().await;
    pause();
    let waiting = sessions.clone().map(|session| {
        let token = async move { session.token().await };
        tokio::spawn(token)
    });
    // Longer than anybody waits for a lock, and shorter than a call's deadline.
    sleep(45 * SECOND).await;
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    for session in &sessions {
        let failure = session.status().store_failure;
        assert!(failure.is_none(), "it is only locked: {failure:?}");
    }
    resume();
    drop(lock);
    for waiting in waiting {
        // Callers that have given up by now ask again.
        let _ = waiting.await.unwrap();
    }
    hands.pass(MINUTE);
    let [one, other] = sessions.each_ref().map(|it| it.token());
    assert_eq!(one.await.unwrap(), other.await.unwrap());
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn a_login_waits_as_long_as_its_exchange_is_heard_of() {
    let emulator = Emulator::start().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let target = emulator.url().replace("http://", "");
    let session = Session::builder(Portal::new(&url).unwrap());
    let session = session.credentials(credentials(emulator.user()));
    let session = session.build().unwrap();
    tokio::spawn(async move {
        // Two attempts are never answered, the third one is.
        let _first = listener.accept().await.unwrap();
        let _second = listener.accept().await.unwrap();
        let (mut from, _) = listener.accept().await.unwrap();
        resume();
        let mut to = TcpStream::connect(&target).await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
    });
    pause();
    let began = Instant::now();
    let login = session.login().await;
    assert!(login.is_ok(), "after {:?}: {login:?}", began.elapsed());
    assert!(began.elapsed() >= 2 * ATTEMPT);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[test]
fn an_answer_that_lies_in_the_socket_counts_however_late_it_is_read() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let hands = Hands::new();
    runtime.block_on(async {
        let first = builder(&emulator).clock(hands.clone()).build().unwrap();
        first.token().await.unwrap();
        let session = Session::builder(portal(&emulator)).resume(first.stored().unwrap());
        let session = session.clock(hands.clone()).build().unwrap();
        hands.pass(8 * DAY);
        emulator.advance(8 * DAY);
        emulator.fail_next(Operation::Refresh, Fault::Late(WHILE));
        let renewal = tokio::spawn({
            let session = session.clone();
            async move { session.token().await }
        });
        asked(&emulator, Operation::Refresh, 1).await;
        blocks_until_answered(&emulator);
        // This runtime is not run while an attempt would have timed out.
        pause();
        advance(ATTEMPT + SECOND).await;
        resume();
        let token = renewal.await.unwrap();
        assert!(token.is_ok(), "{token:?}");
        assert_eq!(emulator.calls(Operation::Refresh), 1);
    });
}

/// Asks the emulator something that takes longer, without running the runtime: what it was asked before is answered by then.
fn blocks_until_answered(emulator: &Emulator) {
    emulator.fail_next(Operation::Collections, Fault::Late(2 * WHILE));
    let address = emulator.url().replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let request = b"GET /api/collection/list HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n";
    stream.write_all(request).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
}
