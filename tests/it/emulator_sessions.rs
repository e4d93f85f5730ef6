//! The emulator knows its users' customers apart, and which sessions are alive.

use std::time::Duration;

use prancer_auth::Session;
use prancer_auth_emulator::{Emulator, Settings};

use crate::portal::{builder, credentials, portal, session};
use crate::witness::{claims, two_customers, whose};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A session that goes on with the tokens that another has now.
fn copy(emulator: &Emulator, of: &Session) -> Session {
    let builder = Session::builder(portal(emulator)).resume(of.stored().unwrap());
    builder.build().unwrap()
}

#[tokio::test]
async fn two_customers_of_one_email_address_are_two_users() {
    let (emulator, first, second) = two_customers();
    for user in [&first, &second] {
        let session = builder(&emulator).credentials(credentials(user));
        let session = session.build().unwrap();
        let token = session.token().await.unwrap();
        assert_eq!(claims(token.expose())["customer_id"], *user.customer_id);
        assert_eq!(whose(&session).await, Ok(user.customer_id.clone()));
        // A renewed token belongs to the same.
        session.refresh().await.unwrap();
        assert_eq!(whose(&session).await, Ok(user.customer_id.clone()));
    }
    assert_eq!(emulator.sessions(), 2);
}

#[tokio::test]
async fn with_reuse_detection_a_spent_refresh_token_ends_its_session() {
    for reuse_detection in [false, true] {
        let settings = Settings::default().rotation(true);
        let emulator = settings.reuse_detection(reuse_detection).start().unwrap();
        let (holder, other) = (session(&emulator), session(&emulator));
        holder.token().await.unwrap();
        other.token().await.unwrap();
        let thief = copy(&emulator, &holder);
        holder.refresh().await.unwrap();
        let holder = copy(&emulator, &holder);
        thief.refresh().await.unwrap_err();
        let alive = whose(&holder).await.is_ok();
        assert_eq!(alive, !reuse_detection);
        assert_eq!(emulator.sessions(), if reuse_detection { 1 } else { 2 });
        assert!(whose(&other).await.is_ok(), "the session of somebody else");
    }
}

#[tokio::test]
async fn without_rotation_a_refresh_token_may_be_used_again() {
    let emulator = Settings::default().reuse_detection(true).start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    let copy = copy(&emulator, &session);
    session.refresh().await.unwrap();
    assert!(copy.refresh().await.is_ok());
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn a_session_is_counted_until_it_is_ended_or_has_expired() {
    let emulator = Emulator::start().unwrap();
    assert_eq!(emulator.sessions(), 0);
    let (first, second) = (session(&emulator), session(&emulator));
    first.token().await.unwrap();
    second.token().await.unwrap();
    assert_eq!(emulator.sessions(), 2);
    first.logout().await.unwrap();
    assert_eq!(emulator.sessions(), 1);
    emulator.advance(8 * DAY);
    assert_eq!(emulator.sessions(), 1, "its refresh token lives");
    emulator.advance(30 * DAY);
    assert_eq!(emulator.sessions(), 0);
}
