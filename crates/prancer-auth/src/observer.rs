//! Whom a session tells of its changes: the log, and whoever asked for it.

use std::fmt;
use std::sync::Arc;

use crate::change::Change;

/// What is called with every change.
pub(crate) type OnChange = Arc<dyn Fn(&Change) + Send + Sync>;

/// Tells of changes.
#[derive(Clone, Default)]
pub(crate) struct Observer {
    pub(crate) on_change: Option<OnChange>,
}

impl Observer {
    pub(crate) fn tell(&self, change: &Change) {
        match change {
            Change::LoggedIn => tracing::info!("logged in"),
            Change::Renewed => tracing::debug!("renewed the access token"),
            Change::Failed(trouble) => tracing::warn!(%trouble, "the exchange failed for now"),
            Change::SessionExpired(said) => {
                tracing::warn!(
                    status = said.status.as_u16(),
                    "the portal refused the refresh token"
                );
            }
            Change::CredentialsRefused(said) => {
                tracing::error!(
                    status = said.status.as_u16(),
                    "the portal refused the credentials"
                );
            }
            Change::Adopted => tracing::debug!("took up what another process wrote"),
            Change::StoreFailed(error) => {
                tracing::warn!(%error, "the store failed; the session goes on alone");
            }
            Change::LoggedOut => tracing::info!("logged out"),
        }
        if let Some(on_change) = &self.on_change {
            on_change(change);
        }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer(..)")
    }
}
