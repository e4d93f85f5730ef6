//! Rejections that sessions note in the store for each other: of credentials, and of a refresh token.

use std::time::Duration;

use prancer_auth_client::RefreshToken;

use super::coordinator::Coordinator;
use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use super::session_state::SessionState;
use crate::api::rejection::Rejection;
use crate::api::transient_error::TransientError;
use crate::error::Error;
use crate::lifecycle::{Event, Exchange, Life, Now, Phase};
use crate::settings::credentials::Credentials;
use crate::store::{StoredRejection, StoredSession, milliseconds};

impl SessionState {
    /// Another session saw these credentials rejected: they are not sent again so soon.
    pub(super) fn heed_rejected_credentials(
        &mut self,
        noted: Option<StoredRejection>,
        own: Option<u64>,
        now: Now,
    ) -> Effects {
        // A note from the future is ignored: clocks differ.
        let age = |it: &StoredRejection| now.wall.checked_sub(Duration::from_millis(it.at_ms));
        let Some((noted, age)) = noted.and_then(|it| age(&it).map(|age| (it, age))) else {
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
        let said = Rejection::noted(noted.status, noted.message);
        self.apply(Event::RejectedElsewhere { pause }, now);
        if self.lifecycle.phase == Phase::Rejected {
            self.rejection = Some(Box::new(said.clone()));
        }
        match self.lifecycle.in_flight {
            Some(it) if it.exchange == Exchange::LogIn && !it.is_done() => {
                self.settle(Err(Error::CredentialsRejected(said)), own, now)
            }
            _ => Effects::default(),
        }
    }

    /// Another session saw the refresh token rejected that this one has: it is not sent again.
    pub(super) fn heed_rejected_refresh(
        &mut self,
        noted: Option<StoredRejection>,
        own: Option<u64>,
        now: Now,
    ) -> Effects {
        let (
            Some(noted),
            Phase::LoggedIn(Life {
                no_refresh: None, ..
            }),
        ) = (noted, self.lifecycle.phase)
        else {
            return Effects::default();
        };
        let said = Rejection::noted(noted.status, noted.message);
        self.apply(Event::RefreshRejectedElsewhere, now);
        self.forget_dead_tokens();
        self.rejection = Some(Box::new(said.clone()));
        let logs_in = self.lifecycle.next_exchange(now).is_ok();
        match self.lifecycle.in_flight {
            Some(it) if it.exchange == Exchange::Refresh && !it.is_done() && !logs_in => {
                self.settle(Err(Error::SessionExpired(said)), own, now)
            }
            _ => Effects::default(),
        }
    }
}

impl Coordinator {
    /// The portal rejected a refresh token. Another process may have renewed meanwhile; where none has, the store is to say that no other
    /// session can count on that token. Fails where the store does not answer.
    pub(super) async fn note_rejected_refresh(
        &self,
        guard: &ExchangeGuard,
        effects: &mut Effects,
        refresh: &RefreshToken,
        said: &Rejection,
    ) -> Result<(), TransientError> {
        if self.store_has_just_failed().await {
            return Err(TransientError::StoreUnavailable);
        }
        let read = self.context.load().await;
        let stored = read.as_ref().ok().cloned().flatten();
        self.act(read, Some(guard.id), effects)?;
        let same = |it: &StoredSession| {
            let tokens = it.tokens.as_ref();
            tokens.is_some_and(|it| it.refresh_token == *refresh) && it.refresh_rejected.is_none()
        };
        if let Some(mut stored) = stored.filter(same) {
            stored.refresh_rejected = Some(self.noted(said));
            let _ = self.context.save(&stored, stored.generation).await;
        }
        Ok(())
    }

    /// Records in the store that the portal rejected the credentials, so that other sessions do not send them as well.
    pub(super) async fn note_rejected_credentials(
        &self,
        credentials: &Credentials,
        said: &Rejection,
    ) {
        let identity = self.update(|state| {
            let held = state.credentials.as_ref() == Some(credentials);
            // A login that a caller asked for changes nothing where it fails.
            let held = held && (state.tokens.is_none() || !state.lifecycle.in_flight?.supersedes);
            held.then(|| credentials.identity_at(&state.identity.portal))
        });
        // Other credentials of a caller say nothing about those that sessions hold.
        let (Some(identity), Ok(stored)) = (identity, self.context.load().await) else {
            return;
        };
        if stored
            .as_ref()
            .is_some_and(|it| it.identity.mismatch(&identity).is_some())
        {
            return;
        }
        let expected = stored.as_ref().map_or(0, |it| it.generation);
        let noted = self.noted(said);
        let empty = || StoredSession::empty(identity).with_generation(noted.at_ms);
        let mut session = stored.unwrap_or_else(empty);
        session.rejected = Some(noted);
        // Where others are faster, they have something better than a rejection.
        let _ = self.context.save(&session, expected).await;
    }

    fn noted(&self, said: &Rejection) -> StoredRejection {
        let at_ms = milliseconds(self.context.now().wall);
        StoredRejection::new(at_ms, said.status.as_u16(), said.text())
    }
}
