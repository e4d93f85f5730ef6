//! Sessions that share a store: one login, one renewal, one logout for all of them.

use std::time::{Duration, SystemTime};

use prancer_auth::store::{MemoryStore, SessionStore as _, StoredLogout, StoredSession};
use prancer_auth::{Error, Session, State};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::clock::Hands;
use crate::portal::{asked, builder, credentials, portal, sharing};
use crate::shelf::Shelf;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);
const WHILE: Duration = Duration::from_millis(300);

/// Many sessions, each with a memory of its own, as in as many processes.
fn many(emulator: &Emulator, store: &MemoryStore, hands: &Hands) -> Vec<Session> {
    (0..50).map(|_| sharing(emulator, store, hands)).collect()
}

async fn all_get_one_token(sessions: &[Session]) {
    let mut callers = JoinSet::new();
    for session in sessions {
        let session = session.clone();
        callers.spawn(async move { session.token().await.unwrap() });
    }
    let tokens = callers.join_all().await;
    assert!(tokens.iter().all(|token| *token == tokens[0]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_of_them_make_one_login_and_one_renewal() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let sessions = many(&emulator, &store, &hands);
    all_get_one_token(&sessions).await;
    for _ in 0..3 {
        hands.pass(8 * DAY);
        emulator.advance(8 * DAY);
        all_get_one_token(&sessions).await;
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert_eq!(emulator.calls(Operation::Refresh), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_is_refused_to_all_is_renewed_once() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let sessions = many(&emulator, &store, &hands);
    all_get_one_token(&sessions).await;
    emulator.advance(8 * DAY);
    let mut callers = JoinSet::new();
    for session in sessions {
        callers.spawn(async move { session.get("user/get/").send().await.unwrap().status() });
    }
    let all = callers.join_all().await;
    assert!(all.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_login_and_a_logout_elsewhere_are_seen_within_a_second() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let (here, there) = (
        sharing(&emulator, &store, &hands),
        sharing(&emulator, &store, &hands),
    );
    let first = here.token().await.unwrap();
    assert_eq!(there.token().await.unwrap(), first);
    there.logout().await.unwrap();
    hands.pass(SECOND);
    assert!(matches!(here.token().await, Err(Error::LoggedOut)));
    assert_eq!(here.status().state, State::LoggedOut);
    here.login().await.unwrap();
    hands.pass(SECOND);
    assert_eq!(there.token().await.unwrap(), here.token().await.unwrap());
    assert_eq!(emulator.calls(Operation::Login), 2);
    assert_eq!(emulator.calls(Operation::Logout), 1);
}

#[tokio::test]
async fn the_loser_of_a_race_adopts_what_the_winner_wrote() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let loser = sharing(&emulator, &store, &hands);
    loser.token().await.unwrap();
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    let renewal = tokio::spawn({
        let loser = loser.clone();
        async move { loser.refresh().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    // Somebody renews without the lock, and spends the refresh token that is on its way.
    let stored = store.load().await.unwrap().unwrap();
    let mut alone = Session::builder(portal(&emulator)).resume(stored.clone());
    alone = alone.clock(hands.clone());
    let alone = alone.build().unwrap();
    let won = alone.refresh().await.unwrap();
    let winners = alone
        .stored()
        .unwrap()
        .with_generation(stored.generation + 1);
    store.save(&winners, stored.generation).await.unwrap();
    assert_eq!(renewal.await.unwrap().unwrap(), won);
    assert_eq!(store.load().await.unwrap(), Some(winners));
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn a_logout_elsewhere_wins_over_a_renewal_whose_tokens_die_too() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    // The portal has issued the tokens when the logout is stored.
    emulator.fail_next(Operation::Refresh, Fault::Late(WHILE));
    let renewal = tokio::spawn({
        let session = session.clone();
        async move { session.refresh().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    let stored = store.load().await.unwrap().unwrap();
    let now = SystemTime::now();
    let logout = StoredLogout::new(now, now + DAY);
    let marker = StoredSession::logged_out(stored.identity, logout);
    let generation = stored.generation;
    store
        .save(&marker.with_generation(generation + 1), generation)
        .await
        .unwrap();
    let _ = renewal.await.unwrap();
    asked(&emulator, Operation::Logout, 1).await;
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    assert!(store.load().await.unwrap().unwrap().tokens.is_none());
}

#[tokio::test]
async fn a_logout_ends_the_tokens_that_others_have_renewed() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let (here, there) = (
        sharing(&emulator, &store, &hands),
        sharing(&emulator, &store, &hands),
    );
    here.token().await.unwrap();
    there.refresh().await.unwrap();
    let renewed = there.stored().unwrap();
    here.logout().await.unwrap();
    let copy = Session::builder(portal(&emulator)).resume(renewed).build();
    let refused = copy.unwrap().refresh().await;
    assert!(
        matches!(refused, Err(Error::SessionExpired(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_session_of_somebody_else_is_neither_used_nor_overwritten_but_by_a_login() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let mut other = emulator.user().clone();
    other.email = "other@example.com".to_owned();
    sharing(&emulator, &store, &hands).token().await.unwrap();
    let theirs = builder(&emulator).credentials(credentials(&other));
    let theirs = theirs.store(store.clone()).clock(hands.clone());
    let theirs = theirs.build().unwrap();
    let refused = theirs.token().await;
    assert!(
        matches!(&refused, Err(Error::OtherUser(who)) if who == "user@example.com"),
        "{refused:?}"
    );
    assert!(refused.is_err_and(|it| it.needs_login()));
    for _ in 0..3 {
        hands.pass(SECOND);
        let refused = theirs.logout().await;
        assert!(matches!(refused, Err(Error::OtherUser(_))), "{refused:?}");
        let refused = theirs.token().await;
        assert!(matches!(refused, Err(Error::OtherUser(_))), "{refused:?}");
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    let portal = portal(&emulator).with_tenant("elsewhere").unwrap();
    let elsewhere = Session::builder(portal)
        .store(store.clone())
        .build()
        .unwrap();
    assert!(matches!(
        elsewhere.token().await,
        Err(Error::OtherPortal(_))
    ));
    // A login takes its place, once it has tokens.
    theirs.login().await.unwrap_err();
    let stored = store.load().await.unwrap().unwrap();
    assert_eq!(stored.identity.email.as_deref(), Some("user@example.com"));
    assert!(stored.tokens.is_some());
}

#[tokio::test]
async fn a_store_that_has_lost_what_it_kept_gets_it_again() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    let token = session.token().await.unwrap();
    store.remove().await.unwrap();
    hands.pass(SECOND);
    assert_eq!(session.token().await.unwrap(), token);
    let stored = store.load().await.unwrap().unwrap();
    assert_eq!(stored.tokens.unwrap().access_token, token);
}

#[tokio::test]
async fn tokens_in_a_store_that_no_header_can_carry_take_no_good_token_away() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Shelf::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    store.set_down(true);
    let token = session.token().await.unwrap();
    store.set_down(false);
    let mut broken = session.stored().unwrap();
    broken = broken.with_generation(u64::MAX / 2);
    broken.tokens.as_mut().unwrap().access_token = "not\na header".into();
    store.save(&broken, 0).await.unwrap();
    hands.pass(Duration::from_secs(60));
    assert_eq!(session.token().await.unwrap(), token);
    session.settled().await.unwrap();
    assert_eq!(session.token().await.unwrap(), token);
    assert_eq!(emulator.calls(Operation::Logout), 0);
}
