//! What a story sees of a session from outside: whose it is, how long its token lives, what it says.

use std::error::Error as StdError;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth::store::{SessionStore, StoredSession};
use prancer_auth::{AccessToken, Session, SessionBuilder};
use prancer_auth_emulator::{Emulator, Settings, User};
use serde_json::Value;

use crate::clock::Hands;
use crate::portal::{credentials, portal};

/// A portal where one email address, with one password, belongs to two customers: `customer1` and `customer2`.
pub(crate) fn two_customers() -> (Emulator, User, User) {
    with(User {
        customer_id: "customer2".to_owned(),
        ..User::default()
    })
}

/// A portal where two people of one customer, with one password, have different email addresses.
pub(crate) fn two_addresses() -> (Emulator, User, User) {
    with(User {
        email: "other@example.com".to_owned(),
        ..User::default()
    })
}

fn with(second: User) -> (Emulator, User, User) {
    let first = User::default();
    let settings = Settings::default().user(first.clone());
    let emulator = settings.user(second.clone()).start().unwrap();
    (emulator, first, second)
}

/// A session of this user that shares what `store` keeps.
pub(crate) fn of(
    user: &User,
    emulator: &Emulator,
    store: impl SessionStore,
    hands: &Hands,
) -> Session {
    let builder = bare(emulator, store, hands).credentials(credentials(user));
    builder.build().unwrap()
}

/// A session without credentials that shares what `store` keeps, in the making.
pub(crate) fn bare(emulator: &Emulator, store: impl SessionStore, hands: &Hands) -> SessionBuilder {
    let builder = Session::builder(portal(emulator)).store(store);
    builder.clock(hands.clone())
}

/// The customer that the portal takes the session for, or what the session says instead.
pub(crate) async fn whose(session: &Session) -> Result<String, String> {
    Ok(user_of(session).await?.1)
}

/// The same with the email address before it.
pub(crate) async fn user_of(session: &Session) -> Result<(String, String), String> {
    let user = session.get("user/get/").envelope::<Value>().await;
    let data = user.map_err(|error| said(&error))?.data.unwrap();
    let text = |name| data[name].as_str().unwrap().to_owned();
    Ok((text("email"), text("customer_id")))
}

/// What an error says, with its causes.
pub(crate) fn said(error: &dyn StdError) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

/// What stands in a token of the emulator's.
pub(crate) fn claims(token: &str) -> Value {
    let claims = token.trim().split('.').nth(1).unwrap();
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// When a token ends, in seconds since 1970.
pub(crate) fn end_of(token: &AccessToken) -> u64 {
    claims(token.expose())["exp"].as_u64().unwrap()
}

/// The access token that a store keeps.
pub(crate) async fn stored_token(store: &impl SessionStore) -> Option<AccessToken> {
    let tokens = store.load().await.unwrap().and_then(|it| it.tokens);
    tokens.map(|it| it.access_token)
}

/// Whether a store keeps the marker of a logout.
pub(crate) async fn has_logout_marker(store: &impl SessionStore) -> bool {
    let session: Option<StoredSession> = store.load().await.unwrap();
    session.is_some_and(|it| it.tokens.is_none())
}
