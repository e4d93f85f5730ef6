//! Loads from and saves to the store, and passes the result to the session's state.

use std::time::Duration;

use prancer_auth_client::RefreshToken;

use super::coordinator::Coordinator;
use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use super::timer::{Instant, sleep, timeout, within};
use crate::api::rejection::Rejection;
use crate::api::transient_error::TransientError;
use crate::lifecycle::Exchange;
use crate::settings::credentials::Credentials;
use crate::store::{StoreError, StoredRejection, StoredSession, milliseconds};

/// An exchange that waits for the lock reads the store again after this long, plus up to as much again.
const REREAD: Duration = Duration::from_millis(20);
/// How often a save is retried after a conflict.
const SAVES: u32 = 5;

impl Coordinator {
    /// Takes the store's lock for an exchange, and adopts what others have written meanwhile. False if it goes on without the lock: there
    /// is no store, or the store failed.
    ///
    /// A store that has just failed is not waited for again, and while the token is good its renewal waits for the store: renewing alone could
    /// end the session of the others. Before an expired session is renewed without it, the exchange waits a random while and tries the
    /// store once more: of the processes that share the session, the others may find what the first one has renewed.
    pub(super) async fn begin(
        &self,
        guard: &ExchangeGuard,
        effects: &mut Effects,
    ) -> Result<bool, TransientError> {
        if !self.store_has_just_failed().await {
            match self.acquire(guard, effects).await {
                Err(TransientError::StoreUnavailable) => {}
                begun => return begun,
            }
        }
        if self.context.must_save {
            return Err(TransientError::StoreUnavailable);
        }
        if guard.asking().map(|it| it.exchange) != Some(Exchange::Refresh) {
            return Ok(false);
        }
        let now = self.context.now();
        let Some(longest) = self.update(|state| state.last_margin(now)) else {
            return Err(TransientError::StoreUnavailable);
        };
        sleep(longest.mul_f64(fastrand::f64())).await;
        guard.heard();
        // A store that hangs has used up its time: this read gets a short one.
        let look = within(self.context.policy.store_glance, self.context.load()).await;
        if look.is_none_or(|it| it.is_err()) {
            return Ok(false);
        }
        match self.acquire(guard, effects).await {
            Err(TransientError::StoreUnavailable) => Ok(false),
            begun => begun,
        }
    }

    /// Whether the store has just failed; waits for a task that is reading it.
    pub(super) async fn store_has_just_failed(&self) -> bool {
        let answer = self.progress.notified();
        let now = self.context.now();
        if self.update(|state| state.store_is_read(now)) {
            let _ = timeout(self.context.policy.store_call, answer).await;
        }
        let now = self.context.now();
        self.update(|state| state.store_has_just_failed(now))
    }

    async fn acquire(
        &self,
        guard: &ExchangeGuard,
        effects: &mut Effects,
    ) -> Result<bool, TransientError> {
        let Some(store) = &self.context.store else {
            return Ok(false);
        };
        let mut lock = std::pin::pin!(store.lock());
        let end = Instant::now() + self.context.policy.lock_wait;
        let lock = loop {
            match timeout(REREAD.mul_f64(1.0 + fastrand::f64()), &mut lock).await {
                Ok(Ok(lock)) => break lock,
                Ok(Err(error)) => {
                    effects.then(self.store_failed(error));
                    return Err(TransientError::StoreUnavailable);
                }
                // The holder may have written already, and many may wait in line.
                Err(_) => drop(self.read(effects).await?),
            }
            guard.heard();
            if guard.asking().is_none() {
                // The lock may just have been taken: it is released before the exchange is over.
                if let Ok(Ok(lock)) = timeout(REREAD, &mut lock).await {
                    lock.release().await;
                }
                return Ok(false);
            }
            if Instant::now() >= end {
                return Err(TransientError::Locked);
            }
        };
        guard.hold(lock).await;
        if let Err(error) = self.read(effects).await {
            guard.release().await;
            return Err(error);
        }
        Ok(true)
    }

    /// Reads the store and acts on what it holds.
    pub(super) async fn read(
        &self,
        effects: &mut Effects,
    ) -> Result<Option<StoredSession>, TransientError> {
        match self.context.load().await {
            Ok(stored) => {
                let now = self.context.now();
                let it = stored.as_ref();
                effects.then(self.update(|state| state.reconcile(it, now)));
                Ok(stored)
            }
            Err(error) => {
                effects.then(self.store_failed(error));
                Err(TransientError::StoreUnavailable)
            }
        }
    }

    /// Acts on what the store holds, and writes what only this session has.
    pub(super) async fn sync(&self) -> Effects {
        let mut effects = Effects::default();
        if self.read(&mut effects).await.is_ok() {
            effects.then(self.save().await);
        }
        effects
    }

    /// Writes what only this session has, unless others have written something later, which is adopted then.
    pub(super) async fn save(&self) -> Effects {
        let mut effects = Effects::default();
        for _ in 0..SAVES {
            let Some(unsaved) = self.update(|state| state.unsaved()) else {
                break;
            };
            match self.context.save(&unsaved.session, unsaved.expected).await {
                // There may be something later by now.
                Ok(()) => {
                    let now = self.context.now();
                    effects.then(self.update(|state| state.saved(unsaved, now)));
                }
                Err(StoreError::Conflict) => {
                    if self.read(&mut effects).await.is_err() {
                        break;
                    }
                }
                Err(error) => {
                    effects.then(self.store_failed(error));
                    break;
                }
            }
        }
        effects
    }

    /// The portal rejected a refresh token. Another process may have renewed meanwhile; where none has, the store is to say that no other
    /// session can count on that token. Fails where the store does not answer.
    pub(super) async fn note_rejected_refresh(
        &self,
        effects: &mut Effects,
        refresh: &RefreshToken,
        said: &Rejection,
    ) -> Result<(), TransientError> {
        if self.store_has_just_failed().await {
            return Err(TransientError::StoreUnavailable);
        }
        let stored = self.read(effects).await?;
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
            .is_some_and(|it| !it.identity.matches(&identity))
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
        StoredRejection {
            at_ms: milliseconds(self.context.now().wall),
            status: said.status.as_u16(),
            message: said.text(),
        }
    }

    fn store_failed(&self, error: StoreError) -> Effects {
        let now = self.context.now();
        self.update(|state| state.store_failed(error, now))
    }
}
