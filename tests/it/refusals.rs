//! What a session does when the portal refuses: keep what is still good, repeat nothing that was refused.

use std::time::Duration;

use prancer_auth::{Envelope, Error, Session, State};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::clock::Hands;
use crate::portal::{asked, builder, credentials, portal, session};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);
const WHILE: Duration = Duration::from_millis(300);

fn unauthorized() -> Fault {
    let said = r#"{"msg": "Token has expired"}"#;
    Fault::json(StatusCode::UNAUTHORIZED, said)
}

#[tokio::test]
async fn a_refused_refresh_leaves_the_token_until_it_ends() {
    let emulator = Emulator::start().unwrap();
    let first = session(&emulator);
    first.token().await.unwrap();
    let hands = Hands::new();
    let session = Session::builder(portal(&emulator))
        .resume(first.stored().unwrap())
        .clock(hands.clone())
        .build()
        .unwrap();
    let token = session.token().await.unwrap();
    hands.pass(7 * DAY - HALF_AN_HOUR);
    emulator.fail_next(Operation::Refresh, unauthorized());
    for _ in 0..10 {
        assert_eq!(session.token().await.unwrap(), token);
        session.settled().await.unwrap();
    }
    assert_eq!(session.status().state, State::LoggedIn);
    hands.pass(HALF_AN_HOUR);
    let ended = session.token().await;
    assert!(matches!(ended, Err(Error::SessionExpired(_))), "{ended:?}");
    assert_eq!(session.status().state, State::Expired);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_refused_password_is_not_sent_again_by_a_login_either() {
    let emulator = Emulator::start().unwrap();
    let mut user = emulator.user().clone();
    user.password = "wrong".into();
    let wrong = credentials(&user);
    let session = builder(&emulator).credentials(wrong).build().unwrap();
    for _ in 0..3 {
        let refused = session.login().await;
        assert!(matches!(refused, Err(Error::CredentialsRejected(_))));
        let refused = session.token().await;
        assert!(matches!(refused, Err(Error::CredentialsRejected(_))));
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    let right = credentials(emulator.user());
    session.login_with(right).await.unwrap();
    assert!(session.token().await.is_ok());
}

#[tokio::test]
async fn a_login_leaves_a_portal_in_peace_that_asked_for_it() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let answer = http::Response::builder()
        .status(429)
        .header("retry-after", "1000");
    let answer = answer.body(String::new()).unwrap();
    emulator.fail_next(Operation::Login, Fault::Answer(answer));
    for _ in 0..3 {
        let later = session.login().await;
        assert!(matches!(later, Err(Error::TryLater { .. })), "{later:?}");
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn logins_at_once_are_one() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    let mut callers = JoinSet::new();
    for _ in 0..10 {
        let session = session.clone();
        callers.spawn(async move { session.login().await });
    }
    assert!(callers.join_all().await.iter().all(Result::is_ok));
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn what_is_refused_to_somebody_else_is_not_refused_to_who_waits_beside() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    session.token().await.unwrap();
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    let mut other = emulator.user().clone();
    other.password = "wrong".into();
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    let login = tokio::spawn({
        let (session, other) = (session.clone(), credentials(&other));
        async move { session.login_with(other).await }
    });
    asked(&emulator, Operation::Login, 2).await;
    assert!(session.token().await.is_ok());
    let refused = login.await.unwrap();
    assert!(matches!(refused, Err(Error::CredentialsRejected(_))));
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn an_api_that_refuses_every_token_costs_one_renewal() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    for _ in 0..11 {
        emulator.fail_next(Operation::User, unauthorized());
    }
    for _ in 0..10 {
        let status = session.get("user/get/").send().await.unwrap().status();
        assert!(status == 401 || status == 200, "{status}");
    }
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn who_asks_for_a_renewal_gets_its_retries() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    let old = session.token().await.unwrap();
    for _ in 0..2 {
        emulator.fail_next(Operation::Refresh, Fault::status(StatusCode::BAD_GATEWAY));
    }
    assert_ne!(session.refresh().await.unwrap(), old);
    assert_eq!(emulator.calls(Operation::Refresh), 3);
}

#[tokio::test]
async fn a_failure_that_echoes_the_token_does_not_show_it() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let opaque = r#"{"data": {"token": "opaque-canary", "refresh_token": "r"}}"#;
    emulator.fail_next(Operation::Login, Fault::json(StatusCode::OK, opaque));
    for said in [
        r#"{"message": "bad token opaque-canary"}"#,
        r#"{"data": "bad token opaque-canary"}"#,
    ] {
        emulator.fail_next(Operation::User, Fault::json(StatusCode::BAD_REQUEST, said));
        let failed: Result<Envelope, _> = session.get("user/get/").envelope().await;
        let text = failed.unwrap_err().to_string();
        assert!(text.contains("bad token (..)"), "{text}");
    }
}
