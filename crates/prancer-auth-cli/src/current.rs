//! The session of this process, for what ends it and for what tells of it.

use std::sync::OnceLock;

use prancer_auth::Session;

static CURRENT: OnceLock<Session> = OnceLock::new();

pub(crate) fn set(session: &Session) {
    let _ = CURRENT.set(session.clone());
}

/// The session of this process, if it has one by now.
pub(crate) fn session() -> Option<&'static Session> {
    CURRENT.get()
}
