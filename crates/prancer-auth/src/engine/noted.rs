//! Rejections that another session has noted in the store: of credentials, and of a refresh token.

use std::time::Duration;

use super::effects::Effects;
use super::session_state::SessionState;
use crate::api::rejection::Rejection;
use crate::error::Error;
use crate::lifecycle::{Event, Exchange, NoToken, Now};
use crate::store::StoredSession;

impl SessionState {
    /// Another session saw these credentials rejected: they are not sent again so soon.
    pub(super) fn heed_rejected_credentials(
        &mut self,
        stored: Option<&StoredSession>,
        now: Now,
    ) -> Effects {
        let Some(noted) = stored.and_then(|it| it.rejected.as_ref()) else {
            return Effects::default();
        };
        // A note from the future is ignored: clocks differ.
        let Some(age) = now.wall.checked_sub(Duration::from_millis(noted.at_ms)) else {
            return Effects::default();
        };
        let pause = self.policy.rejection_pause.saturating_sub(age);
        let since = match (&self.exchange, self.lifecycle.in_flight) {
            // Other credentials may be good.
            (Some(it), _) if it.candidate.is_some() && it.candidate != self.credentials => {
                return Effects::default();
            }
            // An explicit login ignores rejections older than itself.
            (Some(it), Some(in_flight)) if in_flight.supersedes => it.started_ms,
            _ => self.credentials_since_ms,
        };
        if pause.is_zero() || noted.at_ms < since || self.credentials.is_none() {
            return Effects::default();
        }
        let said = Rejection::noted(noted.status, noted.message.clone());
        self.apply(Event::RejectedElsewhere(pause), now);
        if self.lifecycle.token == Err(NoToken::CredentialsRejected) {
            self.rejection = Some(Box::new(said.clone()));
        }
        match self.lifecycle.in_flight {
            Some(it) if it.exchange == Exchange::LogIn && !it.is_saving() => {
                self.settle(Err(Error::CredentialsRejected(said)), now)
            }
            _ => Effects::default(),
        }
    }

    /// Another session saw the refresh token rejected that this one has: it is not sent again.
    pub(super) fn heed_rejected_refresh(
        &mut self,
        stored: Option<&StoredSession>,
        now: Now,
    ) -> Effects {
        let refreshes = self.lifecycle.next_exchange(now) == Ok(Exchange::Refresh);
        let noted = stored.and_then(|it| it.refresh_rejected.as_ref());
        let Some(noted) = noted.filter(|_| refreshes) else {
            return Effects::default();
        };
        let said = Rejection::noted(noted.status, noted.message.clone());
        self.apply(Event::RefreshRejectedElsewhere, now);
        self.forget_dead_tokens();
        self.rejection = Some(Box::new(said.clone()));
        let logs_in = self.lifecycle.next_exchange(now).is_ok();
        match self.lifecycle.in_flight {
            Some(it) if it.exchange == Exchange::Refresh && !it.is_saving() && !logs_in => {
                self.settle(Err(Error::SessionExpired(said)), now)
            }
            _ => Effects::default(),
        }
    }
}
