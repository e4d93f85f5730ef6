//! Any secure API: requests in reqwest's shape, answers in the portal's envelope, also without a runtime.

use prancer_auth::{Envelope, Error, State, blocking};
use prancer_auth_emulator::{Emulator, Fault, Operation};
use reqwest::StatusCode;
use serde::Deserialize;

use crate::portal::session;

#[derive(Debug, Deserialize)]
struct User {
    email: String,
}

#[derive(Deserialize)]
struct Log {
    message: String,
}

#[tokio::test]
async fn a_request_has_a_query_and_its_envelope_has_metadata() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let request = session
        .get("logs/")
        .query(&[("index", "3"), ("count", "2")]);
    let page = request.envelope::<Vec<Log>>().await.unwrap();
    let messages: Vec<_> = page
        .data
        .unwrap()
        .into_iter()
        .map(|log| log.message)
        .collect();
    assert_eq!(messages, ["log 3", "log 4"]);
    assert_eq!(page.metadata["next_index"], 5);
}

#[tokio::test]
async fn a_failure_of_a_call_carries_what_the_portal_says() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let ask = async |status: u16, body: &str| {
        let status = StatusCode::from_u16(status).unwrap();
        emulator.fail_next(Operation::User, Fault::json(status, body));
        session.get("user/get/").envelope::<User>().await
    };
    let body = r#"{"data": {}, "error": "e", "message": "m", "status": 403}"#;
    for status in [200, 403] {
        let Err(Error::Rejected(said)) = ask(status, body).await else {
            panic!("not refused");
        };
        assert_eq!((said.status.as_u16(), said.message.as_str()), (403, "m"));
    }
    let html = ask(502, "<html>").await;
    assert!(matches!(html, Err(Error::Rejected(said)) if said.status == 502));
    for body in [
        r#"[{"email": "a@b"}]"#,
        "<html>",
        "",
        r#"{"data": {"name": "no email"}}"#,
    ] {
        assert!(
            matches!(ask(200, body).await, Err(Error::Unreadable(_))),
            "{body}"
        );
    }
    let user = ask(200, r#"{"data": {"email": "a@b"}}"#).await.unwrap();
    assert_eq!(user.data.unwrap().email, "a@b");
}

#[test]
fn a_script_needs_no_runtime() {
    let emulator = Emulator::start().unwrap();
    let session = blocking::Session::new(session(&emulator)).unwrap();
    let user = session.get("user/get/").envelope::<User>().unwrap();
    assert_eq!(user.data.unwrap().email, "user@example.com");
    let old = session.token().unwrap();
    assert_ne!(session.refresh().unwrap(), old);
    let response = session.get("user/get/").send().unwrap();
    assert_eq!(response.status(), 200);
    let user: Envelope<User> = response.json().unwrap();
    assert_eq!(user.data.unwrap().email, "user@example.com");
    for request in [
        session.get("nowhere"),
        session.head("nowhere"),
        session.put("nowhere"),
        session.delete("nowhere"),
    ] {
        assert_eq!(request.json(&1).send().unwrap().status(), 404);
    }
    let mut response = session.get("user/get/").send().unwrap();
    assert_eq!(response.headers()["content-type"], "application/json");
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().unwrap() {
        body.extend(chunk);
    }
    assert!(
        String::from_utf8(body)
            .unwrap()
            .contains("user@example.com")
    );
    let page = session.get("nowhere").send().unwrap();
    assert!(matches!(page.json::<User>(), Err(Error::Unreadable(_))));
    assert_eq!(session.status().state, State::LoggedIn);
    session.settled().unwrap();
    session.logout().unwrap();
    assert!(matches!(session.token(), Err(Error::LoggedOut)));
    session.login().unwrap();
    assert_eq!(emulator.calls(Operation::Login), 2);
}
