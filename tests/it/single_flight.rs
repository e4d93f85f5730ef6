//! One exchange, however many ask: nobody who goes away stops it, and everybody who waits gets what it came to.

use std::time::{Duration, Instant};

use prancer_auth::{AccessToken, Error, Session, Trouble};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::clock::Hands;
use crate::portal::{builder, session};

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

/// Waits, without a guess at how long, until the emulator has been asked so often.
async fn asked(emulator: &Emulator, operation: Operation, times: u64) {
    while emulator.calls(operation) < times {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
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
            let Err(Error::TryLater { trouble, retry_in }) = result else {
                panic!("{result:?}");
            };
            assert!(matches!(trouble, Trouble::Unavailable { .. }));
            assert!(retry_in > Duration::from_secs(900));
        }
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert!(session.status().failure.is_some());
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
        assert!(matches!(result, Err(Error::CredentialsRefused(_))));
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
    while session.status().exchanging {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
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
    while session.status().exchanging {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
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
        while session.status().exchanging {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
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
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(session.token().await.is_ok());
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn a_token_that_lives_a_moment_is_handed_out_once_and_nothing_loops() {
    let second = Duration::from_secs(1);
    let emulator = Settings::default()
        .login_lifetime(second)
        .refresh_lifetime(second)
        .start()
        .unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    for exchanges in 1..5 {
        assert!(session.token().await.is_ok());
        assert_eq!(session.status().exchanges, exchanges);
        hands.pass(second);
    }
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
    let mut call = std::pin::pin!(session.token());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = call.as_mut().poll(&mut context);
    assert!(matches!(
        polled,
        std::task::Poll::Ready(Err(Error::NoRuntime))
    ));
    assert!(runtime.block_on(first).unwrap().is_ok());
}

#[test]
fn without_a_runtime_a_session_says_so() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let mut call = std::pin::pin!(session.token());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = call.as_mut().poll(&mut context);
    assert!(
        matches!(polled, std::task::Poll::Ready(Err(Error::NoRuntime))),
        "{polled:?}"
    );
}
