//! What the stories start from: an emulator and a session with it.

use prancer_auth::{Credentials, Portal, Session, SessionBuilder};
use prancer_auth_emulator::{Emulator, User};

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
