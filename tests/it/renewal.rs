//! The life of a session: login, calls, renewal, logout, over real HTTP.

use std::time::Duration;

use prancer_auth::{AccessToken, Error, Session, TransientError};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings, Shape};
use reqwest::StatusCode;

use crate::clock::Hands;
use crate::portal::{builder, credentials, portal, session};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn user(session: &Session) -> Result<StatusCode, Error> {
    Ok(session.get("user/get/").send().await?.status())
}

#[tokio::test]
async fn a_session_logs_in_calls_renews_and_logs_out_in_every_shape_and_place() {
    for shape in [Shape::Y2021, Shape::Y2022] {
        for tenant in [None, Some("prancer-customer1")] {
            let settings = Settings::default().shape(shape);
            let settings = match tenant {
                Some(tenant) => settings.tenant(tenant),
                None => settings,
            };
            let emulator = settings.start().unwrap();
            let session = session(&emulator);

            assert_eq!(user(&session).await.unwrap(), 200);
            let first = session.token().await.unwrap();
            let renewed = session.refresh().await.unwrap();
            assert_ne!(first, renewed);
            assert_eq!(user(&session).await.unwrap(), 200);
            session.logout().await.unwrap();
            assert!(matches!(session.token().await, Err(Error::LoggedOut)));
            assert!(matches!(user(&session).await, Err(Error::LoggedOut)));
            session.logout().await.unwrap();

            assert_eq!(emulator.calls(Operation::Login), 1);
            assert_eq!(emulator.calls(Operation::Refresh), 1);
            assert_eq!(emulator.calls(Operation::Logout), 1);
        }
    }
}

#[tokio::test]
async fn a_good_token_is_used_without_another_exchange() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let token = session.token().await.unwrap();
    for _ in 0..10 {
        assert_eq!(session.token().await.unwrap(), token);
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert_eq!(emulator.calls(Operation::Refresh), 0);
}

#[tokio::test]
async fn a_token_that_the_portal_refuses_is_renewed_and_the_call_is_sent_once_more() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let first = session.token().await.unwrap();
    emulator.advance(8 * DAY);
    assert_eq!(user(&session).await.unwrap(), 200);
    assert_ne!(session.token().await.unwrap(), first);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::User), 2);
}

#[tokio::test]
async fn a_call_that_is_refused_twice_comes_back_as_it_is() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    for _ in 0..2 {
        emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
    }
    assert_eq!(user(&session).await.unwrap(), 401);
    assert_eq!(emulator.calls(Operation::User), 2);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_call_that_is_forbidden_renews_nothing() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    emulator.fail_next(Operation::User, Fault::status(StatusCode::FORBIDDEN));
    assert_eq!(user(&session).await.unwrap(), 403);
    assert_eq!(session.get("nowhere").send().await.unwrap().status(), 404);
    assert_eq!(emulator.calls(Operation::Refresh), 0);
}

#[tokio::test]
async fn a_refused_refresh_logs_in_again_where_there_are_credentials() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    emulator.revoke_all();
    assert_eq!(user(&session).await.unwrap(), 200);
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[tokio::test]
async fn a_refused_refresh_ends_the_session_where_there_are_none() {
    let emulator = Emulator::start().unwrap();
    let first = session(&emulator);
    first.token().await.unwrap();
    let stored = first.stored().unwrap();
    let second = Session::builder(portal(&emulator))
        .resume(stored)
        .build()
        .unwrap();
    assert_eq!(user(&second).await.unwrap(), 200);
    emulator.revoke_all();
    for _ in 0..2 {
        match user(&second).await {
            Err(error @ (Error::SessionExpired(_) | Error::NotRenewed { .. })) => {
                assert!(error.needs_login() && !error.is_transient());
                let said = error.rejection().unwrap();
                assert_eq!(said.status, 401);
                assert_eq!(said.message, "Please authenticate to access this API.");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert!(matches!(second.login().await, Err(Error::NoCredentials)));

    second
        .login_with(credentials(emulator.user()))
        .await
        .unwrap();
    assert_eq!(user(&second).await.unwrap(), 200);
}

#[tokio::test]
async fn a_refused_password_is_not_repeated_until_another_is_given() {
    let emulator = Emulator::start().unwrap();
    let mut user = emulator.user().clone();
    user.password = "wrong".into();
    let session = builder(&emulator)
        .credentials(credentials(&user))
        .build()
        .unwrap();
    for _ in 0..3 {
        match session.token().await {
            Err(Error::CredentialsRejected(said)) => {
                assert_eq!(said.status, 400);
                assert_eq!(said.error, "Authentication Failed");
                assert_eq!(said.message, "Invalid Email or Password");
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    session
        .login_with(credentials(emulator.user()))
        .await
        .unwrap();
    assert!(session.token().await.is_ok());
}

#[tokio::test]
async fn a_logout_renews_an_expired_token_first_so_that_the_refresh_token_dies() {
    let emulator = Settings::default().start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    let mut stored = session.stored().unwrap();
    stored.tokens.as_mut().unwrap().issued_at_ms -= 8 * 24 * 60 * 60 * 1000;
    emulator.advance(8 * DAY);

    let resumed = Session::builder(portal(&emulator))
        .resume(stored.clone())
        .build()
        .unwrap();
    resumed.logout().await.unwrap();
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::Logout), 1);

    let late = Session::builder(portal(&emulator))
        .resume(stored)
        .build()
        .unwrap();
    assert!(matches!(
        late.refresh().await,
        Err(Error::SessionExpired(_))
    ));
}

#[tokio::test]
async fn a_logout_that_the_portal_fails_is_reported_and_forgets_the_tokens_all_the_same() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    emulator.fail_next(Operation::Logout, Fault::status(StatusCode::BAD_GATEWAY));
    assert!(matches!(
        session.logout().await,
        Err(Error::LogoutFailed(TransientError::Unavailable { .. }))
    ));
    assert!(session.stored().is_none());
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    session.login().await.unwrap();
    assert_eq!(user(&session).await.unwrap(), 200);
}

#[tokio::test]
async fn a_rotated_refresh_token_is_the_one_that_is_used_next() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    for _ in 0..3 {
        session.refresh().await.unwrap();
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert_eq!(emulator.calls(Operation::Refresh), 3);
}

#[tokio::test]
async fn a_stored_session_of_another_portal_is_refused() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let session = session(&here);
    session.token().await.unwrap();
    let stored = session.stored().unwrap();
    let resumed = Session::builder(portal(&there)).resume(stored).build();
    assert!(matches!(resumed, Err(Error::OtherPortal(_))));
}

#[tokio::test]
async fn a_request_to_elsewhere_is_refused_and_carries_no_token() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let session = session(&here);
    let elsewhere = format!("{}/api/user/get/?key=canary", there.url());
    let refused = session.get(&elsewhere).send().await.unwrap_err();
    assert!(matches!(refused, Error::NotThisPortal(_)));
    assert!(!refused.to_string().contains("canary"));
    let request = reqwest::Client::new().get(&elsewhere).build().unwrap();
    assert!(matches!(
        session.execute(request).await,
        Err(Error::NotThisPortal(_))
    ));
    let refused = session.get("https://someone:canary@h/").send().await;
    assert!(!format!("{refused:?}").contains("canary"));
    assert_eq!(there.calls(Operation::User), 0);
}

#[tokio::test]
async fn login_refresh_and_logout_follow_no_redirect() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let hands = Hands::new();
    let session = builder(&here).clock(hands.clone()).build().unwrap();
    let redirect = |operation, path: &str| {
        let answer = http::Response::builder()
            .status(StatusCode::TEMPORARY_REDIRECT)
            .header("location", format!("{}{path}", there.url()));
        here.fail_next(
            operation,
            Fault::Answer(answer.body(String::new()).unwrap()),
        );
    };
    for _ in 0..3 {
        redirect(Operation::Login, "/api/login/");
    }
    let unreadable = |result: Result<AccessToken, Error>| match result {
        Err(Error::TryLater { source, .. }) => matches!(source, TransientError::Unreadable(_)),
        _ => false,
    };
    assert!(unreadable(session.token().await));
    hands.pass(Duration::from_secs(5));
    session.login().await.unwrap();
    for _ in 0..3 {
        redirect(Operation::Refresh, "/api/refresh/token/");
    }
    assert!(unreadable(session.refresh().await));
    redirect(Operation::Logout, "/api/logout/");
    assert!(matches!(
        session.logout().await,
        Err(Error::LogoutFailed(TransientError::Unreadable(_)))
    ));
    for operation in [Operation::Login, Operation::Refresh, Operation::Logout] {
        assert_eq!(there.calls(operation), 0, "{operation:?}");
    }
}
