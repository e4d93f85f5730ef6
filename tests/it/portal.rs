//! What the stories start from: an emulator and a session with it.

use std::time::Duration;

use prancer_auth::store::SessionStore;
use prancer_auth::{Credentials, Portal, Session, SessionBuilder};
use prancer_auth_emulator::{Emulator, Operation, User};

use crate::clock::Hands;

/// The credentials of an emulator's user.
pub(crate) fn credentials(user: &User) -> Credentials {
    Credentials::new(&user.email, user.password.clone(), &user.customer_id)
}

/// The portal that an emulator plays.
pub(crate) fn portal(emulator: &Emulator) -> Portal {
    let portal = Portal::new(&emulator.url()).unwrap();
    match emulator.tenant() {
        Some(tenant) => portal.with_tenant(tenant).unwrap(),
        None => portal,
    }
}

/// A session with credentials, in the making.
pub(crate) fn builder(emulator: &Emulator) -> SessionBuilder {
    Session::builder(portal(emulator)).credentials(credentials(emulator.user()))
}

/// A session with credentials.
pub(crate) fn session(emulator: &Emulator) -> Session {
    builder(emulator).build().unwrap()
}

/// A session with credentials that shares what `store` keeps.
pub(crate) fn sharing(
    emulator: &Emulator,
    store: &(impl SessionStore + Clone),
    hands: &Hands,
) -> Session {
    let builder = builder(emulator).store(store.clone());
    builder.clock(hands.clone()).build().unwrap()
}

/// Waits until the emulator has been asked so often.
pub(crate) async fn asked(emulator: &Emulator, operation: Operation, times: u64) {
    eventually(|| emulator.calls(operation) >= times).await;
}

/// Waits for something that comes about on its own; panics where it does not, after much longer than it can take.
pub(crate) async fn eventually(is_so: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it does not come about");
}
