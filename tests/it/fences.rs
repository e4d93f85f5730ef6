//! What a session does not do: come back after a logout, carry a token elsewhere, trust a clock.

use std::time::Duration;

use prancer_auth::{Error, Session, SessionEvent, State};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::{Body, StatusCode};

use crate::clock::Hands;
use crate::portal::{asked, builder, portal, session};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const WHILE: Duration = Duration::from_millis(200);

async fn user(session: &Session) -> Result<StatusCode, Error> {
    Ok(session.get("user/get/").send().await?.status())
}

#[tokio::test]
async fn a_logout_wins_over_a_renewal_in_flight_whose_tokens_die_too() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
    let renewal = tokio::spawn({
        let session = session.clone();
        async move { session.refresh().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    session.logout().await.unwrap();
    assert!(matches!(renewal.await.unwrap(), Err(Error::LoggedOut)));
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    assert_eq!(session.status().state, State::LoggedOut);
    // The emulator refuses the late refresh, since the logout was first.
    assert!(session.stored().is_none());
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn a_logout_wins_over_a_login_in_flight_whose_tokens_are_ended() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    emulator.fail_next(Operation::Login, Fault::Delay(WHILE));
    let login = tokio::spawn({
        let session = session.clone();
        async move { session.token().await }
    });
    asked(&emulator, Operation::Login, 1).await;
    session.logout().await.unwrap();
    assert!(matches!(login.await.unwrap(), Err(Error::LoggedOut)));
    // The login succeeds behind the scenes, and is undone.
    asked(&emulator, Operation::Logout, 1).await;
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
}

#[tokio::test]
async fn tokens_that_a_renewal_brings_after_the_logout_are_ended() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    // The portal has issued the tokens when the logout comes, and answers after it.
    emulator.fail_next(Operation::Refresh, Fault::Late(WHILE));
    let renewal = tokio::spawn({
        let session = session.clone();
        async move { session.refresh().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    emulator.fail_next(Operation::Logout, Fault::Drop);
    session.logout().await.unwrap_err();
    assert!(matches!(renewal.await.unwrap(), Err(Error::LoggedOut)));
    asked(&emulator, Operation::Logout, 2).await;
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
}

#[tokio::test]
async fn a_logout_by_a_token_that_the_portal_has_let_expire_still_ends_the_refresh_token() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    let stored = session.stored().unwrap();
    emulator.advance(8 * DAY);
    session.logout().await.unwrap();
    assert_eq!(emulator.calls(Operation::Logout), 2);
    let copy = Session::builder(portal(&emulator))
        .resume(stored)
        .build()
        .unwrap();
    assert!(matches!(
        copy.refresh().await,
        Err(Error::SessionExpired(_))
    ));
}

#[tokio::test]
async fn a_logout_of_a_session_that_the_portal_has_ended_is_done() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    emulator.revoke_all();
    session.logout().await.unwrap();
    assert_eq!(session.status().state, State::LoggedOut);
}

#[tokio::test]
async fn other_credentials_that_are_refused_leave_the_session_as_it_was() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let token = session.token().await.unwrap();
    let mut other = emulator.user().clone();
    other.password = "wrong".into();
    let result = session.login_with(crate::portal::credentials(&other)).await;
    assert!(matches!(result, Err(Error::CredentialsRejected(_))));
    assert_eq!(session.token().await.unwrap(), token);
    // The old credentials are still the session's.
    emulator.revoke_all();
    assert_eq!(user(&session).await.unwrap(), 200);
}

#[test]
fn credentials_whose_login_died_are_not_tried_again() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(session.token()).unwrap();
    let mut other = emulator.user().clone();
    other.password = "wrong".into();
    // Polled outside of a runtime, the login dies at once.
    let mut login = Box::pin(session.login_with(crate::portal::credentials(&other)));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(login.as_mut().poll(&mut context).is_ready());
    emulator.revoke_all();
    assert_eq!(runtime.block_on(user(&session)).unwrap(), 200);
}

#[tokio::test]
async fn a_stream_that_is_refused_comes_back_as_it_is_and_the_token_is_not_used_again() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let old = session.token().await.unwrap();
    emulator.advance(8 * DAY);
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("piece")]);
    let request = session.request(reqwest::Method::GET, "user/get/");
    let response = request
        .body(Body::wrap_stream(pieces))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    assert_ne!(session.token().await.unwrap(), old);
    assert_eq!(user(&session).await.unwrap(), 200);
    // A body that is held in memory is sent once more.
    emulator.advance(2 * DAY);
    let request = session.request(reqwest::Method::GET, "user/get/");
    assert_eq!(request.body("whole").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_redirect_is_followed_within_the_portal_and_nowhere_else() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let session = session(&here);
    let redirect = |to: String| {
        let answer = http::Response::builder().status(307).header("location", to);
        here.fail_next(
            Operation::Collections,
            Fault::Answer(answer.body(String::new()).unwrap()),
        );
    };
    redirect("/api/user/get/".to_owned());
    let response = session.get("collection/list").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(here.calls(Operation::User), 1);
    for elsewhere in [there.url(), here.url().replace("127.0.0.1", "localhost")] {
        redirect(format!("{elsewhere}/api/user/get/"));
        let response = session.get("collection/list").send().await.unwrap();
        assert_eq!(response.status(), 307);
    }
    assert_eq!(there.calls(Operation::User), 0);
    assert_eq!(here.calls(Operation::User), 1);
}

#[tokio::test]
async fn a_machine_that_slept_hands_out_no_dead_token() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let old = session.token().await.unwrap();
    // The monotonic clock stands still meanwhile.
    hands.move_by(|now| now.wall += 8 * DAY);
    emulator.advance(8 * DAY);
    assert_ne!(session.token().await.unwrap(), old);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_clock_that_is_set_back_or_forward_by_a_day_causes_neither_dead_tokens_nor_a_loop() {
    let day = i128::try_from(DAY.as_nanos()).unwrap();
    for step in [-day, day] {
        let emulator = Settings::default().login_lifetime(DAY).start().unwrap();
        let hands = Hands::new();
        let session = builder(&emulator).clock(hands.clone()).build().unwrap();
        session.token().await.unwrap();
        hands.move_by(|now| {
            now.wall = if step < 0 {
                now.wall - DAY
            } else {
                now.wall + DAY
            };
        });
        for _ in 0..10 {
            assert_eq!(user(&session).await.unwrap(), 200);
        }
        let exchanges = if step < 0 { 0 } else { 1 };
        assert_eq!(emulator.calls(Operation::Refresh), exchanges, "{step}");
        // The token ages by the clock that goes on.
        hands.pass(DAY + HOUR);
        emulator.advance(DAY + HOUR);
        assert_eq!(user(&session).await.unwrap(), 200);
        assert_eq!(emulator.calls(Operation::Refresh), exchanges + 1);
        assert_eq!(emulator.calls(Operation::User), 11, "no call was refused");
    }
}

#[tokio::test]
async fn a_token_that_must_last_is_renewed_unless_a_renewal_would_shorten_it() {
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let of_login = session.token().await.unwrap();
    let longer = |asked| matches!(asked, Err(Error::ShortLived { .. }));
    assert!(longer(session.token_valid_for(30 * DAY).await));
    assert_eq!(session.token_valid_for(6 * DAY).await.unwrap(), of_login);
    hands.pass(5 * DAY);
    assert!(longer(session.token_valid_for(6 * DAY).await));
    hands.pass(DAY + 13 * HOUR);
    assert_eq!(session.token_valid_for(10 * HOUR).await.unwrap(), of_login);
    assert_ne!(session.token_valid_for(12 * HOUR).await.unwrap(), of_login);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn every_change_is_told_and_the_status_shows_it() {
    let emulator = Emulator::start().unwrap();
    let (sender, changes) = std::sync::mpsc::channel();
    let on_event = move |change: &SessionEvent| sender.send(format!("{change:?}")).unwrap();
    let session = builder(&emulator).on_event(on_event).build().unwrap();
    assert_eq!(session.status().state, State::New);
    session.token().await.unwrap();
    session.refresh().await.unwrap();
    let status = session.status();
    assert_eq!((status.state, status.exchanges), (State::LoggedIn, 2));
    assert!(status.renews_in.unwrap() < status.valid_for.unwrap());
    for _ in 0..3 {
        emulator.fail_next(Operation::Refresh, Fault::Drop);
    }
    session.refresh().await.unwrap_err();
    assert!(session.status().failure.is_some());
    let status = serde_json::to_value(session.status()).unwrap();
    assert_eq!(status["state"], "logged_in");
    assert_eq!(status["email"], "user@example.com");
    assert_eq!(status["failure"], "the portal cannot be reached");
    assert!(status["valid_for_s"].as_u64() > status["renews_in_s"].as_u64());
    session.logout().await.unwrap();
    let told: Vec<_> = changes.try_iter().collect();
    assert_eq!(told.len(), 4, "{told:?}");
    for (told, expected) in told
        .iter()
        .zip(["LoggedIn", "Renewed", "ExchangeFailed", "LoggedOut"])
    {
        assert!(told.starts_with(expected), "{told}");
    }
}
