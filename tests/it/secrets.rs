//! The canary: every public type and error is formatted, and none shows a secret.

use std::error::Error as _;
use std::fmt::Debug;

use prancer_auth::{Credentials, Error, Portal, Session};
use prancer_auth_emulator::{Emulator, Settings, User};

use crate::portal::{credentials, portal, session};

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
