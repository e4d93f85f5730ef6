//! The canary: every public type and error is formatted, and none shows a secret.

use std::error::Error as _;
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::Stream;
use prancer_auth::{Credentials, Error, Portal, Session};
use prancer_auth_emulator::{Emulator, Settings, User};
use reqwest::Body;

use crate::portal::{credentials, eventually, portal, session};
use crate::raw_portal::{RawPortal, Step, json};

fn assert_hidden(what: &impl Debug, secrets: &[&str]) {
    let text = format!("{what:?} {what:#?}");
    for secret in secrets {
        assert!(!text.contains(secret), "a secret shows in: {text}");
    }
}

#[tokio::test]
async fn no_type_of_the_session_shows_a_secret() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let token = session.token().await.unwrap();
    let stored = session.stored().unwrap();
    let (access, refresh) = (
        token.expose().to_owned(),
        stored
            .tokens
            .as_ref()
            .unwrap()
            .refresh_token
            .expose()
            .to_owned(),
    );
    let secrets = [access.as_str(), refresh.as_str(), "horse"];

    let builder = Session::builder(portal(&emulator))
        .credentials(credentials(emulator.user()))
        .resume(stored.clone());
    let request = session.post("user/get/").json(&1);
    assert_hidden(&(builder, request), &secrets);
    let held = (session, token, stored, credentials(emulator.user()));
    assert_hidden(&held, &secrets);
}

#[test]
fn no_type_of_the_emulator_shows_a_secret() {
    let user = User {
        password: "canary".into(),
        ..User::default()
    };
    let settings = Settings::default().user(user);
    assert_hidden(&settings, &["canary"]);
    assert_hidden(&settings.start().unwrap(), &["canary"]);
}

#[tokio::test]
async fn no_error_shows_a_secret_even_by_its_causes() {
    let portal = Portal::new("http://127.0.0.1:1").unwrap();
    let credentials = Credentials::new("user@example.com", "canary", "customer1");
    let session = Session::builder(portal)
        .credentials(credentials)
        .build()
        .unwrap();
    let error = session.token().await.unwrap_err();
    assert!(matches!(error, Error::TryLater { .. }));
    let mut text = format!("{error} {error:?}");
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!("{error} {error:?}");
        cause = error.source();
    }
    assert!(
        text.contains("127.0.0.1") && !text.contains("canary"),
        "{text}"
    );
}

/// A portal whose tokens tell nothing of themselves, and whose API repeats them.
fn repeating(first: Step) -> RawPortal {
    let issued = AtomicUsize::new(0);
    let first = Mutex::new(Some(first));
    RawPortal::start(move |request| {
        let lines = request.lines();
        let sent = lines.filter_map(|it| it.strip_prefix("authorization: Bearer "));
        let sent: String = sent.collect();
        if request.contains("/user/get/") {
            let said = format!(r#"{{"message":"no: {sent}","error":"{sent}","status":401}}"#);
            let first = first.lock().unwrap().take();
            let answer = json("401 Unauthorized", said);
            return first.into_iter().chain(answer).collect();
        }
        let count = issued.fetch_add(1, Ordering::SeqCst);
        if count > 1 {
            return json("503 Service Unavailable", "{}");
        }
        json(
            "200 OK",
            format!(
                r#"{{"data":{{"token":"canary-{count}","refresh_token":"canary-r"}},"status":200}}"#
            ),
        )
    })
}

#[tokio::test]
async fn a_token_that_an_api_repeats_is_shown_in_no_error_whatever_came_of_it() {
    // It is renewed while the answer is under way, and rejected all the same.
    let portal = repeating(Step::Wait(Duration::from_millis(500)));
    let session = portal.builder().build().unwrap();
    let call = tokio::spawn({
        let request = session.get("user/get/").body(Body::wrap_stream(pieces()));
        async move { request.envelope::<()>().await }
    });
    eventually(|| portal.calls("GET /api/user/get/") == 1).await;
    session.refresh().await.unwrap();
    let rejected = call.await.unwrap().unwrap_err();
    assert!(matches!(rejected, Error::Rejected(_)), "{rejected:?}");
    // This one cannot be renewed any more.
    let not_renewed = session.get("user/get/").send().await.unwrap_err();
    let is_so = matches!(not_renewed, Error::NotRenewed { .. });
    assert!(is_so, "{not_renewed:?}");
    for error in [rejected, not_renewed] {
        let text = format!("{error} {error:?}");
        assert!(text.contains("no: (..)"), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
}

fn pieces() -> impl Stream<Item = Result<&'static str, std::io::Error>> {
    futures_util::stream::iter([Ok("piece")])
}
