//! No token is handed out that has expired, however short it lives and however late it arrives.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth::store::MemoryStore;
use prancer_auth::{AccessToken, Clock as _};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;

use crate::clock::Hands;
use crate::portal::{builder, session};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// When a token expires, by its own account.
fn end(token: &AccessToken) -> Duration {
    let claims = token.expose().split('.').nth(1).unwrap();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    Duration::from_secs(claims["exp"].as_u64().unwrap())
}

fn wall() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

#[tokio::test]
async fn a_token_of_two_seconds_is_never_handed_out_after_its_end() {
    let settings = Settings::default()
        .login_lifetime(2 * SECOND)
        .refresh_lifetime(2 * SECOND);
    let emulator = settings.start().unwrap();
    let store = MemoryStore::default();
    let [one, other] = [(); 2].map(|()| builder(&emulator).store(store.clone()).build().unwrap());
    let start = Instant::now();
    while start.elapsed() < 6 * SECOND {
        for session in [&one, &other] {
            let before = wall();
            let token = session.token().await.unwrap();
            assert!(end(&token) > before, "{:?}", before - end(&token));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(emulator.calls(Operation::Refresh) > 0);
}

#[tokio::test]
async fn a_token_that_has_expired_on_its_way_is_renewed_and_not_handed_out() {
    let settings = Settings::default().login_lifetime(SECOND).rotation(true);
    let emulator = settings.start().unwrap();
    emulator.fail_next(Operation::Login, Fault::Late(2 * SECOND));
    let session = session(&emulator);
    let token = session.token().await.unwrap();
    assert!(end(&token) > wall());
    // By the refresh token of that answer: there is no other one.
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_portal_whose_tokens_all_expire_on_their_way_is_an_error() {
    let settings = Settings::default()
        .login_lifetime(SECOND)
        .refresh_lifetime(SECOND);
    let emulator = settings.start().unwrap();
    for operation in [Operation::Login, Operation::Refresh] {
        for _ in 0..4 {
            emulator.fail_next(operation, Fault::Late(2 * SECOND));
        }
    }
    let session = session(&emulator);
    let error = session.token().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "the access token had expired when it arrived");
}

/// The next login brings an access token with these claims.
fn claims_next(emulator: &Emulator, claims: &str) {
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
    let body = format!(r#"{{"data": {{"token": "h.{claims}.s", "refresh_token": "r"}}}}"#);
    emulator.fail_next(Operation::Login, Fault::json(StatusCode::OK, body));
}

#[tokio::test]
async fn absurd_lifetimes_neither_panic_nor_loop() {
    for exp in [
        "1e300",
        "9223372036854775807",
        "18446744073709551615",
        "\"soon\"",
        "null",
        "[]",
    ] {
        let emulator = Emulator::start().unwrap();
        let session = session(&emulator);
        claims_next(&emulator, &format!(r#"{{"iat": 1000, "exp": {exp}}}"#));
        for _ in 0..10 {
            session.token().await.unwrap();
        }
        assert_eq!(emulator.calls(Operation::Login), 1, "{exp}");
        let valid_for = session.status().valid_for.unwrap();
        assert!(
            valid_for > 6 * DAY && valid_for <= 7 * DAY,
            "{exp}: {valid_for:?}"
        );
    }
}

#[tokio::test]
async fn a_token_that_ends_before_it_begins_is_not_handed_out() {
    for exp in ["-1", "0", "1000"] {
        let emulator = Emulator::start().unwrap();
        let session = session(&emulator);
        claims_next(&emulator, &format!(r#"{{"iat": 1000, "exp": {exp}}}"#));
        let token = session.token().await.unwrap();
        assert!(!token.expose().starts_with("h."), "{exp}");
        // Its refresh token is none that the portal knows.
        assert_eq!(emulator.calls(Operation::Refresh), 1, "{exp}");
        assert_eq!(emulator.calls(Operation::Login), 2, "{exp}");
    }
}

#[tokio::test]
async fn a_token_that_says_its_end_alone_lives_until_then() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let soon = hands.now().wall + HOUR;
    claims_next(&emulator, &format!(r#"{{"exp": {}}}"#, soon.as_secs()));
    let old = session.token().await.unwrap();
    assert!(old.expose().starts_with("h."));
    let valid_for = session.status().valid_for.unwrap();
    assert!(valid_for <= HOUR && valid_for > HOUR / 2, "{valid_for:?}");
    hands.pass(HOUR);
    assert_ne!(session.token().await.unwrap(), old);
    // Further ahead than any documented life: the longest of those counts.
    session.logout().await.unwrap();
    claims_next(&emulator, r#"{"exp": 9223372036854775807}"#);
    session.login().await.unwrap();
    let valid_for = session.status().valid_for.unwrap();
    assert!(valid_for > 6 * DAY && valid_for <= 7 * DAY, "{valid_for:?}");
}
