//! One exchange, however many callers ask: none that gives up stops it, and all that wait get its result.

use std::time::{Duration, Instant};

use prancer_auth::{AccessToken, Error, Session, TransientError};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::clock::Hands;
use crate::portal::{asked, builder, session};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Long enough for everybody to have asked.
const WHILE: Duration = Duration::from_millis(300);

async fn thousand_tokens(session: &Session) -> Vec<Result<AccessToken, Error>> {
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let session = session.clone();
        callers.spawn(async move { session.token().await });
    }
    callers.join_all().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_share_one_login() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    let tokens = thousand_tokens(&session).await;
    let first = tokens[0].as_ref().unwrap();
    assert!(tokens.iter().all(|it| it.as_ref().unwrap() == first));
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_token_is_refreshed_once_for_a_thousand_callers() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    session.token().await.unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    let tokens = thousand_tokens(&session).await;
    let first = tokens[0].as_ref().unwrap();
    assert!(tokens.iter().all(|it| it.as_ref().unwrap() == first));
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_share_one_failure_and_those_within_the_backoff_get_it_at_once() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let answer = http::Response::builder()
        .status(503)
        .header("retry-after", "1000");
    let answer = answer.body(String::new()).unwrap();
    emulator.fail_next(Operation::Login, Fault::Answer(answer));
    for _ in 0..2 {
        for result in thousand_tokens(&session).await {
            let Err(Error::TryLater { source, retry_in }) = result else {
                panic!("{result:?}");
            };
            assert!(matches!(source, TransientError::Unavailable { .. }));
            assert!(retry_in > Duration::from_secs(900));
        }
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert!(session.status().failure.is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failure_is_not_remembered_for_ever() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    // One exchange makes three attempts by itself.
    for _ in 0..3 {
        let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE);
        emulator.fail_next(Operation::Login, unavailable);
    }
    for result in thousand_tokens(&session).await {
        assert!(matches!(result, Err(Error::TryLater { .. })), "{result:?}");
    }
    assert_eq!(emulator.calls(Operation::Login), 3);
    assert_eq!(session.status().exchanges, 1);
    hands.pass(Duration::from_secs(5));
    for result in thousand_tokens(&session).await {
        assert!(result.is_ok(), "{result:?}");
    }
    assert_eq!(emulator.calls(Operation::Login), 4);
    assert!(session.status().failure.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_callers_share_one_refusal() {
    let emulator = Emulator::start().unwrap();
    let mut user = emulator.user().clone();
    user.password = "wrong".into();
    let credentials = crate::portal::credentials(&user);
    let session = builder(&emulator).credentials(credentials).build().unwrap();
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    for result in thousand_tokens(&session).await {
        assert!(matches!(result, Err(Error::CredentialsRejected(_))));
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_that_are_refused_at_once_cause_one_renewal() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    emulator.advance(8 * DAY);
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    let mut callers = JoinSet::new();
    for _ in 0..1000 {
        let session = session.clone();
        callers.spawn(async move { session.get("user/get/").send().await.unwrap().status() });
    }
    let all = callers.join_all().await;
    assert!(all.iter().all(|status| *status == StatusCode::OK));
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn the_first_caller_may_go_away_and_no_rotated_token_is_lost() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    let first = tokio::spawn({
        let session = session.clone();
        async move { session.refresh().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    session.settled().await.unwrap();
    // The used refresh token is dead: only the rotated one can renew again.
    session.refresh().await.unwrap();
    assert_eq!(emulator.calls(Operation::Refresh), 2);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn in_the_last_part_of_its_life_a_token_is_served_at_once_and_renewed_behind() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let old = session.token().await.unwrap();
    // Half an hour of the seven days is left.
    let time = 7 * DAY - Duration::from_secs(30 * 60);
    hands.pass(time);
    emulator.advance(time);
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    for _ in 0..100 {
        assert_eq!(session.token().await.unwrap(), old);
    }
    session.settled().await.unwrap();
    assert_ne!(session.token().await.unwrap(), old);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_good_token_is_served_while_its_renewal_fails_and_the_portal_is_left_in_peace() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let old = session.token().await.unwrap();
    hands.pass(7 * DAY - Duration::from_secs(30 * 60));
    for _ in 0..20 {
        emulator.fail_next(Operation::Refresh, Fault::status(StatusCode::BAD_GATEWAY));
    }
    for _ in 0..100 {
        assert_eq!(session.token().await.unwrap(), old);
        session.settled().await.unwrap();
    }
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert!(session.status().failure.is_some());
}

#[tokio::test]
async fn nobody_waits_beyond_the_deadline_and_what_is_under_way_goes_on() {
    let emulator = Emulator::start().unwrap();
    let deadline = Duration::from_millis(50);
    let session = builder(&emulator).deadline(deadline).build().unwrap();
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    let start = Instant::now();
    let result = session.token().await;
    assert!(matches!(result, Err(Error::DeadlineExceeded(it)) if it == deadline));
    assert!(start.elapsed() >= deadline);
    while session.status().exchanging {
        let _ = session.settled().await;
    }
    assert!(session.token().await.is_ok());
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn a_token_that_lives_a_moment_is_renewed_once_a_life() {
    let second = Duration::from_secs(1);
    let emulator = Settings::default()
        .login_lifetime(second)
        .refresh_lifetime(second)
        .start()
        .unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    for exchanges in 1..5 {
        for _ in 0..10 {
            assert!(session.token().await.is_ok());
        }
        assert_eq!(session.status().exchanges, exchanges);
        hands.pass(second);
    }
}
