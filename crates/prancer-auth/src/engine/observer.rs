//! Sends a session's events to the log and to the program.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::event::SessionEvent;

/// What is called with every event.
pub(crate) type OnEvent = Arc<dyn Fn(&SessionEvent) + Send + Sync>;

/// Tells the log and the program what happened.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    pub(crate) on_event: Option<OnEvent>,
}

impl Observer {
    pub(crate) fn tell(&self, event: &SessionEvent) {
        match event {
            SessionEvent::LoggedIn => tracing::info!("logged in"),
            SessionEvent::Renewed => tracing::debug!("renewed the access token"),
            SessionEvent::ExchangeFailed(error) => {
                tracing::warn!(%error, "the exchange failed for now");
            }
            SessionEvent::SessionExpired(said) => tracing::warn!(
                status = said.status.as_u16(),
                "the portal rejected the refresh token"
            ),
            SessionEvent::CredentialsRejected(said) => tracing::error!(
                status = said.status.as_u16(),
                "the portal rejected the credentials"
            ),
            SessionEvent::Adopted => tracing::debug!("adopted the session of another process"),
            SessionEvent::StoreFailed(error) => {
                tracing::warn!(%error, "the store failed; the session is not shared for now");
            }
            SessionEvent::NotRevoked(error) => {
                tracing::warn!(%error, "unused tokens could not be ended at the portal");
            }
            SessionEvent::LoggedOut => tracing::info!("logged out"),
        }
        if let Some(on_event) = &self.on_event {
            // A program that panics there, which its panic hook reports, ends no exchange half way.
            let _ = catch_unwind(AssertUnwindSafe(|| on_event(event)));
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(..)")
    }
}
