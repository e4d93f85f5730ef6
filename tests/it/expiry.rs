//! No token is handed out that has expired, however short it lives and however late it arrives.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth::AccessToken;
use prancer_auth::store::MemoryStore;
use prancer_auth_emulator::{Fault, Operation, Settings};

use crate::portal::{builder, session};

const SECOND: Duration = Duration::from_secs(1);

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
