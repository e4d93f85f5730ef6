//! The session of this process, for what ends it and for what tells of it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use prancer_auth::Session;

static CURRENT: Mutex<Option<Session>> = Mutex::new(None);

/// A command that has several has one after the other.
pub(crate) fn set(session: &Session) {
    *current() = Some(session.clone());
}

/// The session of this process, if it has one by now.
pub(crate) fn session() -> Option<Session> {
    current().clone()
}

fn current() -> MutexGuard<'static, Option<Session>> {
    CURRENT.lock().unwrap_or_else(PoisonError::into_inner)
}
