//! Faults on demand: what the next requests to the emulator meet.

use std::time::{Duration, Instant};

use prancer_auth_emulator::{Emulator, Fault, Operation};
use reqwest::StatusCode;

use crate::portal::session;

const DELAY: Duration = Duration::from_millis(20);

#[tokio::test]
async fn faults_are_met_one_after_the_other_and_then_no_more() {
    let emulator = Emulator::start().unwrap();
    let token = session(&emulator).token().await.unwrap();
    let http = reqwest::Client::new();
    let url = format!("{}/api/user/get/", emulator.url());
    let user = || http.get(&url).bearer_auth(token.expose()).send();

    emulator.fail_next(Operation::User, Fault::status(StatusCode::BAD_GATEWAY));
    emulator.fail_next(Operation::User, Fault::json(StatusCode::OK, "[]"));
    emulator.fail_next(Operation::User, Fault::Drop);
    emulator.fail_next(Operation::User, Fault::Truncate);
    emulator.fail_next(Operation::User, Fault::Delay(DELAY));

    let answer = user().await.unwrap();
    assert_eq!(answer.status(), 502);
    assert!(answer.text().await.unwrap().starts_with("<html>"));
    assert_eq!(user().await.unwrap().text().await.unwrap(), "[]");
    assert!(user().await.is_err());
    let truncated = user().await.unwrap();
    assert_eq!(truncated.status(), 200);
    assert!(truncated.text().await.is_err());
    let start = Instant::now();
    assert_eq!(user().await.unwrap().status(), 200);
    assert!(start.elapsed() >= DELAY);
    assert_eq!(user().await.unwrap().status(), 200);
    assert_eq!(emulator.calls(Operation::User), 6);
}
