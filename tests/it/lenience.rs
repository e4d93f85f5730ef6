//! Answers that no document knows: none is taken for success, none panics, none puts a token or a body into an error.

use std::time::Duration;

use prancer_auth::{Error, Session, TransientError};
use prancer_auth_emulator::{Emulator, Fault, Operation};
use reqwest::StatusCode;
use tokio::task::JoinSet;

use crate::portal::session;

const CANARY: &str = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary";

#[derive(Debug, PartialEq)]
enum Outcome {
    Token,
    Refused,
    Unavailable,
    Unreadable,
    Unreachable,
}

fn outcome<T>(result: Result<T, Error>) -> (Outcome, String) {
    match result {
        Ok(_) => (Outcome::Token, String::new()),
        Err(error) => {
            let outcome = match error {
                Error::CredentialsRejected(_) | Error::SessionExpired(_) => Outcome::Refused,
                Error::TryLater { ref source, .. } => match source {
                    TransientError::Unavailable { .. } => Outcome::Unavailable,
                    TransientError::Unreadable(_) => Outcome::Unreadable,
                    TransientError::Unreachable(_) => Outcome::Unreachable,
                    _ => panic!("{error:?}"),
                },
                _ => panic!("{error:?}"),
            };
            (outcome, format!("{error} {error:?}"))
        }
    }
}

/// How often an exchange asks while somebody waits.
const ATTEMPTS: u64 = 3;

async fn login(fault: Fault) -> (Outcome, String) {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    for _ in 0..ATTEMPTS {
        emulator.fail_next(Operation::Login, fault.clone());
    }
    let outcome = outcome(session.token().await);
    // What the portal rejects is not sent again; what fails for now is.
    let final_word = [Outcome::Token, Outcome::Refused].contains(&outcome.0);
    let calls = if final_word { 1 } else { ATTEMPTS };
    assert_eq!(emulator.calls(Operation::Login), calls);
    outcome
}

/// A session that has a token and no credentials.
async fn logged_in(emulator: &Emulator) -> Session {
    let first = session(emulator);
    first.token().await.unwrap();
    let stored = first.stored().unwrap();
    let portal = crate::portal::portal(emulator);
    Session::builder(portal).resume(stored).build().unwrap()
}

async fn refresh(fault: Fault) -> (Outcome, String) {
    let emulator = Emulator::start().unwrap();
    let session = logged_in(&emulator).await;
    for _ in 0..ATTEMPTS {
        emulator.fail_next(Operation::Refresh, fault.clone());
    }
    outcome(session.refresh().await)
}

/// Status, body, what a login makes of it, what a refresh makes of it.
const ANSWERS: [(u16, &str, Outcome, Outcome); 35] = {
    use Outcome::{Refused as No, Token, Unavailable as Later, Unreadable as What};
    [
        // Successes, in shapes that were seen or may come.
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": "t"}}"#,
            Token,
            Token,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": "t", "new": 1}, "error": null, "status": "200"}"#,
            Token,
            Token,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": "t"}, "error": "", "error_list": [], "message": "", "metadata": {}, "status": 200}"#,
            Token,
            Token,
        ),
        (
            201,
            r#"{"data": {"refresh_token": "r", "token": "t"}, "error": "", "message": "", "metadata": {}, "status": 201}"#,
            Token,
            Token,
        ),
        // A refresh may leave the refresh token out; a login may not.
        (
            200,
            r#"{"data": {"token": "t"}, "error": "", "message": "", "metadata": {}, "status": 200}"#,
            What,
            Token,
        ),
        (
            200,
            r#"{"data": {"refresh_token": null, "token": "t"}, "status": 200}"#,
            What,
            Token,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "", "token": "t"}, "error": "", "message": "", "metadata": {}, "status": 200}"#,
            What,
            Token,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "", "token": ""}, "error": "", "message": "", "metadata": {}, "status": 200}"#,
            What,
            What,
        ),
        // Successes without the tokens that they must hold.
        (
            200,
            r#"{"data": {}, "error": "", "message": "", "metadata": {}, "status": 200}"#,
            What,
            What,
        ),
        // A token that no header can carry.
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": "a\nb"}}"#,
            What,
            What,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": ""}, "status": 200}"#,
            What,
            What,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": 7}, "status": 200}"#,
            What,
            What,
        ),
        (200, r#"{"data": ["a"], "status": 200}"#, What, What),
        (200, "{}", What, What),
        (200, "", What, What),
        (200, "[1, 2]", What, What),
        (
            200,
            "<html>Log in to the hotel's network</html>",
            What,
            What,
        ),
        (204, "", What, What),
        // Failures that HTTP does not tell.
        (
            200,
            r#"{"data": {}, "error": "Authentication Failed", "message": "m", "metadata": {}, "status": 400}"#,
            No,
            No,
        ),
        (
            200,
            r#"{"data": {"refresh_token": "r", "token": "t"}, "error": "", "message": "m", "metadata": {}, "status": 401}"#,
            No,
            No,
        ),
        (
            200,
            r#"{"data": "Invalid customer", "error": "", "message": "", "metadata": {}, "status": 200}"#,
            No,
            No,
        ),
        (
            200,
            r#"{"data": {}, "error": "", "message": "", "metadata": {}, "status": 503}"#,
            Later,
            Later,
        ),
        (
            200,
            r#"{"data": {}, "error": "", "message": "Invalid Email or Password", "metadata": {}, "status": 200}"#,
            No,
            No,
        ),
        (
            400,
            r#"{"data": {}, "error": "", "error_list": ["Invalid"], "message": "", "metadata": {}, "status": 400}"#,
            No,
            No,
        ),
        // Refusals in other clothes.
        (401, r#"{"msg": "Token has expired"}"#, No, No),
        (422, r#"{"msg": "Only refresh tokens are allowed"}"#, No, No),
        // Anything in front of the portal may say these.
        (401, "", What, What),
        (401, r#"{"message": "Unauthorized"}"#, What, What),
        (
            401,
            "<html>Log in to the hotel's network</html>",
            What,
            What,
        ),
        (422, "<html>", What, What),
        (403, "<html>Forbidden</html>", What, What),
        (403, r#"{"message": "Forbidden"}"#, What, What),
        (404, "<html>Not Found</html>", What, What),
        (502, "<html>Bad Gateway</html>", Later, Later),
        (429, r#"{"message": "slow down"}"#, Later, Later),
    ]
};

#[tokio::test]
async fn every_answer_is_what_it_is_whatever_it_looks_like() {
    let mut cases = JoinSet::new();
    for (status, body, of_login, of_refresh) in ANSWERS {
        cases.spawn(async move {
            let fault = Fault::json(StatusCode::from_u16(status).unwrap(), body);
            assert_eq!(
                login(fault.clone()).await.0,
                of_login,
                "login: {status} {body}"
            );
            assert_eq!(
                refresh(fault).await.0,
                of_refresh,
                "refresh: {status} {body}"
            );
        });
    }
    cases.join_all().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_no_answer() {
    for fault in [Fault::Drop, Fault::Truncate] {
        assert_eq!(
            login(fault.clone()).await.0,
            Outcome::Unreachable,
            "{fault:?}"
        );
        assert_eq!(refresh(fault).await.0, Outcome::Unreachable);
    }
}

#[tokio::test]
async fn an_endless_answer_is_given_up() {
    let body = format!(
        r#"{{"data": {{"token": "t", "refresh_token": "{}"}}}}"#,
        "r".repeat(3 << 20)
    );
    for status in [StatusCode::OK, StatusCode::IM_A_TEAPOT] {
        let fault = Fault::json(status, body.clone());
        assert_eq!(
            login(fault.clone()).await.0,
            Outcome::Unreachable,
            "{status}"
        );
        assert_eq!(refresh(fault).await.0, Outcome::Unreachable, "{status}");
    }
}

#[tokio::test]
async fn no_answer_puts_a_token_a_password_or_a_body_into_an_error() {
    let bodies = [
        format!(r#"{{"data": {{"token": "{CANARY}"}}, "error": 1, "status": 200}}"#),
        format!(r#"{{"data": {{"token": "{CANARY}", "refresh_token": ["{CANARY}"]}}, "status": 200}}"#),
        format!(r#"{{"data": "{CANARY}", "error": "e {CANARY}", "message": "m {CANARY}", "error_list": ["{CANARY}", {{"t": "{CANARY}"}}], "metadata": {{"x": "{CANARY}"}}, "status": 400}}"#),
        r#"{"error": "e", "message": "wrong password: correct horse battery staple", "status": 400}"#.to_owned(),
        format!("canary <html>{CANARY}</html>"),
        format!(r#"{{"msg": "{CANARY}"}}"#),
    ];
    let mut cases = JoinSet::new();
    for body in bodies {
        for status in [200, 400, 401, 404, 422, 429, 500] {
            let body = body.clone();
            cases.spawn(async move {
                let fault = Fault::json(StatusCode::from_u16(status).unwrap(), body.clone());
                let (_, text) = login(fault.clone()).await;
                assert!(!text.contains("horse"), "{status} {body}: {text}");
                assert!(!text.contains("canary"), "{status} {body}: {text}");
                let (_, text) = refresh(fault).await;
                assert!(!text.contains("canary"), "{status} {body}: {text}");
            });
        }
    }
    cases.join_all().await;
}

#[tokio::test]
async fn a_refusal_carries_all_that_the_portal_says() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let body = r#"{"data": {}, "error": "", "error_list": ["first", "second"], "message": "sorry", "metadata": {}, "status": 400}"#;
    emulator.fail_next(Operation::Login, Fault::json(StatusCode::BAD_REQUEST, body));
    let Err(Error::CredentialsRejected(said)) = session.token().await else {
        panic!("not refused");
    };
    assert_eq!(
        (said.status.as_u16(), said.message.as_str()),
        (400, "sorry")
    );
    assert_eq!(said.error_list, ["first", "second"]);
    assert_eq!(said.to_string(), "sorry: first: second (HTTP status 400)");
}

#[tokio::test]
async fn patience_that_is_asked_for_is_told() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let answer = http::Response::builder()
        .status(429)
        .header("retry-after", "17");
    emulator.fail_next(
        Operation::Login,
        Fault::Answer(answer.body(String::new()).unwrap()),
    );
    for _ in 0..2 {
        let Err(Error::TryLater { source, retry_in }) = session.token().await else {
            panic!("not unavailable");
        };
        let asked = Duration::from_secs(17);
        assert!(
            matches!(source, TransientError::Unavailable { retry_after: Some(it), .. } if it == asked)
        );
        assert!(retry_in <= asked && retry_in > asked / 2);
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn nobody_at_home_is_unreachable() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    drop(emulator);
    assert_eq!(outcome(session.token().await).0, Outcome::Unreachable);
}
