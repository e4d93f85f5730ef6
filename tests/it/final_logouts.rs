//! A logout is final: its marker outlives what it ended, no store that forgets revives anything, and what comes late is ended.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use prancer_auth::store::{MemoryStore, SessionStore as _};
use prancer_auth::{Error, Session, SessionEvent};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use crate::clock::Hands;
use crate::needs::needs;
use crate::portal::{asked, builder, eventually, session, sharing};
use crate::redis_server::RedisServer;
use crate::shelf::Shelf;
use crate::witness::{bare, has_logout_marker, stored_token, whose};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);
/// How the event begins that tells of tokens which live on.
const NOT_REVOKED: &str = "unused tokens could not be ended";
const WHILE: Duration = Duration::from_millis(300);

/// A session, and what the program hears of it.
fn heard(emulator: &Emulator) -> (Session, Receiver<String>) {
    let (sender, events) = channel();
    let tell = move |event: &SessionEvent| sender.send(event.to_string()).unwrap();
    (builder(emulator).on_event(tell).build().unwrap(), events)
}

async fn is_logged_out(session: &Session) {
    let token = session.token().await;
    assert!(matches!(token, Err(Error::LoggedOut)), "{token:?}");
}

/// How long Redis still keeps what it keeps of a session, for ever where that is so.
fn expires_in(server: &RedisServer) -> Duration {
    let key = &server.keys(":session")[0];
    let left: i64 = server.cli(&["PTTL", key]).parse().unwrap();
    assert_ne!(left, -2, "nothing is stored");
    u64::try_from(left).map_or(Duration::MAX, Duration::from_millis)
}

#[tokio::test]
async fn the_marker_of_a_logout_stays_in_redis_longer_than_the_tokens_could_live() {
    needs!("redis-server");
    let (emulator, server) = (Emulator::start().unwrap(), RedisServer::start());
    let store = server.store(&emulator, emulator.user());
    let session = builder(&emulator).store(store.clone()).build().unwrap();
    session.token().await.unwrap();
    session.logout().await.unwrap();
    assert!(has_logout_marker(&store).await);
    let left = expires_in(&server);
    assert!(left > 7 * DAY - HOUR, "{left:?}");
}

#[tokio::test]
async fn a_replica_that_slept_for_long_revives_no_session_that_was_logged_out() {
    needs!("redis-server");
    let (emulator, server) = (Emulator::start().unwrap(), RedisServer::start());
    let store = || server.store(&emulator, emulator.user());
    let hands = Hands::new();
    let open = || {
        let builder = builder(&emulator).store(store()).clock(hands.clone());
        builder.build().unwrap()
    };
    let (awake, asleep) = (open(), open());
    awake.token().await.unwrap();
    asleep.token().await.unwrap();
    awake.logout().await.unwrap();
    // What Redis would have forgotten by then is gone.
    let sleep = 25 * HOUR;
    if expires_in(&server) <= sleep {
        store().remove().await.unwrap();
    }
    hands.pass(sleep);
    emulator.advance(sleep);
    is_logged_out(&asleep).await;
    hands.pass(SECOND);
    is_logged_out(&awake).await;
    assert_eq!(emulator.calls(Operation::Login), 1);
    // One that begins now has heard of no logout: it logs in anew, for all.
    let token = open().token().await.unwrap();
    hands.pass(SECOND);
    assert_eq!(asleep.token().await.unwrap(), token);
}

#[tokio::test]
async fn a_logout_that_is_made_again_once_the_store_is_back_ends_no_newer_login() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    store.set_down(true);
    assert!(session.logout().await.is_err(), "no marker was written");
    store.set_down(false);
    hands.pass(60 * SECOND);
    let other = sharing(&emulator, &store, &hands);
    other.login().await.unwrap();
    other.settled().await.unwrap();
    let logouts = emulator.calls(Operation::Logout);
    session.logout().await.unwrap();
    assert_eq!(emulator.calls(Operation::Logout), logouts);
    assert_eq!(whose(&other).await.as_deref(), Ok("customer1"));
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn what_a_login_has_replaced_is_ended_where_the_store_saved_it_and_its_answer_was_lost() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    store.loses_answers(true);
    session.login().await.unwrap();
    store.loses_answers(false);
    assert_eq!(emulator.sessions(), 2);
    hands.pass(60 * SECOND);
    session.token().await.unwrap();
    session.settled().await.unwrap();
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn a_login_ends_the_renewal_that_no_store_has_seen() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    store.set_down(true);
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    // The refresh token in the store is spent: only the new one lives.
    session.token().await.unwrap();
    session.login().await.unwrap();
    assert_eq!(emulator.sessions(), 2);
    store.set_down(false);
    hands.pass(60 * SECOND);
    let _ = session.token().await;
    session.settled().await.unwrap();
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn a_store_that_was_emptied_and_filled_again_revives_nothing_where_the_logout_is_known() {
    for set_back in [false, true] {
        let emulator = Emulator::start().unwrap();
        let (store, hands) = (MemoryStore::default(), Hands::new());
        let open = || sharing(&emulator, &store, &hands);
        let (knows, sleeps) = (open(), open());
        knows.token().await.unwrap();
        sleeps.token().await.unwrap();
        let before = store.load().await.unwrap().unwrap();
        hands.pass(SECOND);
        knows.logout().await.unwrap();
        store.remove().await.unwrap();
        if set_back {
            store.save(&before, 0).await.unwrap();
        }
        hands.pass(SECOND);
        // The session that does not know of the logout stores its tokens again.
        let _ = sleeps.token().await;
        sleeps.settled().await.unwrap();
        for _ in 0..3 {
            hands.pass(SECOND);
            is_logged_out(&knows).await;
        }
        assert!(has_logout_marker(&store).await, "set back: {set_back}");
        is_logged_out(&sleeps).await;
        assert_eq!(emulator.sessions(), 0);
    }
}

#[tokio::test]
async fn a_login_while_the_store_was_down_does_not_overwrite_a_later_logout() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let open = || sharing(&emulator, &store, &hands);
    let other = open();
    other.token().await.unwrap();
    store.set_down(true);
    let alone = open();
    alone.token().await.unwrap();
    assert_eq!(emulator.calls(Operation::Login), 2);
    store.set_down(false);
    hands.pass(SECOND);
    other.logout().await.unwrap();
    for _ in 0..3 {
        hands.pass(5 * SECOND);
        // The first time, no caller waits for the store while the token is good.
        let _ = alone.token().await;
        eventually(|| alone.status().store_failure.is_none()).await;
        alone.settled().await.unwrap();
    }
    is_logged_out(&alone).await;
    is_logged_out(&other).await;
    assert!(has_logout_marker(&store).await);
    assert_eq!(emulator.sessions(), 0, "what it had got is ended, too");
}

#[tokio::test]
async fn tokens_of_today_that_a_program_brings_are_not_revoked_by_the_logout_of_yesterday() {
    for renewed in [false, true] {
        let emulator = Emulator::start().unwrap();
        let (store, hands) = (MemoryStore::default(), Hands::new());
        // A store of its own counts by itself.
        let elsewhere = sharing(&emulator, &MemoryStore::default(), &hands);
        if renewed {
            elsewhere.token().await.unwrap();
        }
        let yesterday = sharing(&emulator, &store, &hands);
        hands.pass(SECOND);
        yesterday.token().await.unwrap();
        yesterday.logout().await.unwrap();
        hands.pass(DAY);
        emulator.advance(DAY);
        let token = if renewed {
            elsewhere.refresh().await.unwrap()
        } else {
            elsewhere.token().await.unwrap()
        };
        let brought = elsewhere.stored().unwrap();
        let today = bare(&emulator, store.clone(), &hands).resume(brought);
        let today = today.build().unwrap();
        for _ in 0..3 {
            assert_eq!(today.token().await.ok().as_ref(), Some(&token), "{renewed}");
            assert_eq!(whose(&today).await.as_deref(), Ok("customer1"));
            today.settled().await.unwrap();
            hands.pass(SECOND);
        }
        assert_eq!(emulator.calls(Operation::Logout), 1, "{renewed}");
        assert_eq!(stored_token(&store).await, Some(token));
    }
}

#[tokio::test]
async fn a_logout_over_a_login_whose_answer_is_lost_says_that_its_tokens_may_live_on() {
    let emulator = Emulator::start().unwrap();
    emulator.fail_next(Operation::Login, Fault::Late(Duration::from_millis(300)));
    let (session, events) = heard(&emulator);
    let login = tokio::spawn({
        let session = session.clone();
        async move { session.login().await }
    });
    asked(&emulator, Operation::Login, 1).await;
    session.logout().await.unwrap();
    assert!(login.await.unwrap().is_err());
    // The portal dies before it answers.
    drop(emulator);
    session.settled().await.unwrap();
    let said: Vec<_> = events.try_iter().collect();
    let told = said.iter().filter(|it| it.starts_with(NOT_REVOKED));
    assert_eq!(told.count(), 1, "{said:?}");
    assert!(session.status().not_revoked.is_some());
    let status = serde_json::to_value(session.status()).unwrap();
    assert_eq!(status["not_revoked"], "the portal cannot be reached");
}

#[tokio::test]
async fn a_logout_whose_caller_has_gone_away_tells_where_it_failed() {
    let emulator = Emulator::start().unwrap();
    let (session, events) = heard(&emulator);
    session.token().await.unwrap();
    let down = Fault::status(http::StatusCode::SERVICE_UNAVAILABLE);
    emulator.fail_next(Operation::Logout, down);
    let gone_away = futures_util::FutureExt::now_or_never(session.logout());
    assert!(gone_away.is_none());
    session.settled().await.unwrap();
    let said: Vec<_> = events.try_iter().collect();
    let told = said.iter().filter(|it| it.starts_with(NOT_REVOKED));
    assert_eq!(told.count(), 1, "{said:?}");
}

#[tokio::test]
async fn a_login_whose_answer_was_lost_and_that_is_tried_again_says_that_tokens_may_live_on() {
    let emulator = Emulator::start().unwrap();
    emulator.fail_next(Operation::Login, Fault::Truncate);
    let (session, events) = heard(&emulator);
    session.login().await.unwrap();
    session.settled().await.unwrap();
    assert_eq!(emulator.sessions(), 2, "the first one was lost on the way");
    let said: Vec<_> = events.try_iter().collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[0], "logged in");
    assert!(said[1].starts_with(NOT_REVOKED));
    assert!(session.status().not_revoked.is_some());
}

#[tokio::test]
async fn a_login_that_was_saved_without_an_answer_and_renewed_elsewhere_is_not_ended() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let here = sharing(&emulator, &store, &hands);
    let there = sharing(&emulator, &store, &hands);
    store.loses_answers(true);
    here.login().await.unwrap();
    store.loses_answers(false);
    hands.pass(60 * SECOND);
    let renewed = there.refresh().await.unwrap();
    there.settled().await.unwrap();
    hands.pass(60 * SECOND);
    here.token().await.unwrap();
    here.settled().await.unwrap();
    assert_eq!(here.token().await.unwrap(), renewed);
    assert_eq!(emulator.calls(Operation::Logout), 0);
    assert_eq!(emulator.sessions(), 1);
    there.refresh().await.unwrap();
}

#[tokio::test]
async fn a_second_logout_ends_nobodys_newer_login() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let here = sharing(&emulator, &store, &hands);
    let there = sharing(&emulator, &store, &hands);
    here.token().await.unwrap();
    here.logout().await.unwrap();
    there.login().await.unwrap();
    let token = there.token().await.unwrap();
    here.logout().await.unwrap();
    hands.pass(SECOND);
    assert_eq!(there.token().await.ok(), Some(token));
    assert_eq!(whose(&there).await.as_deref(), Ok("customer1"));
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn tokens_of_a_login_that_a_logout_and_another_login_overtook_are_ended() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    // The portal has issued the tokens, and answers after the logout and the other login.
    emulator.fail_next(Operation::Login, Fault::Late(WHILE));
    let first = tokio::spawn({
        let session = session.clone();
        async move { session.login().await }
    });
    asked(&emulator, Operation::Login, 1).await;
    session.logout().await.unwrap();
    assert!(first.await.unwrap().is_err());
    session.login().await.unwrap();
    eventually(|| emulator.sessions() == 1).await;
    assert_eq!(whose(&session).await.as_deref(), Ok("customer1"));
    assert_eq!(emulator.calls(Operation::Login), 2);
}
