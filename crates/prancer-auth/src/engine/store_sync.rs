//! Reads and writes the store. What becomes of that, the session's state says.

use std::sync::Arc;
use std::time::Duration;

use prancer_auth_client::RefreshToken;

use super::clock::Clock;
use super::coordinator::Coordinator;
use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use super::timer::{Instant, sleep, timeout, within};
use crate::api::rejection::Rejection;
use crate::lifecycle::Policy;
use crate::settings::credentials::Credentials;
use crate::store::{
    SessionStore, StoreError, StoreLock, StoredRejection, StoredSession, milliseconds,
};

/// An exchange that waits for the lock reads the store again after this long, plus up to as much again.
const REREAD: Duration = Duration::from_millis(20);
/// How often a save is retried after a conflict.
const SAVES: u32 = 5;

/// A store, with the patience that a session has with it.
pub(crate) struct StoreSync {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) policy: &'static Policy,
    /// No exchange begins whose tokens could not be saved.
    pub(crate) required: bool,
}

impl StoreSync {
    /// Takes the lock for an exchange, and adopts what others have written meanwhile.
    ///
    /// A store that has just failed is not waited for again. Before an expired session is renewed without it, the exchange waits a random
    /// while and tries the store once more: of the processes that share the session, the others may find what the first one has renewed.
    pub(crate) async fn begin(&self, guard: &ExchangeGuard, effects: &mut Effects) -> Begin {
        if !self.has_just_failed(guard.coordinator()).await {
            match self.acquire(guard, effects).await {
                Begin::Failed => {}
                begun => return begun,
            }
        }
        let pause = guard.pause_before_alone(self.clock.now());
        let Some(pause) = pause.filter(|_| !self.required) else {
            return Begin::Failed;
        };
        sleep(pause).await;
        guard.heard(self.clock.now());
        // A store that hangs has used up its time: this read gets a short one.
        let look = within(self.policy.store_glance, self.store.load()).await;
        if look.is_none_or(|it| it.is_err()) {
            return Begin::Failed;
        }
        self.acquire(guard, effects).await
    }

    /// Whether the store has just failed; waits for a task that is reading it.
    pub(crate) async fn has_just_failed(&self, coordinator: &Coordinator) -> bool {
        let answer = coordinator.progress.notified();
        let now = self.clock.now();
        if coordinator.update(|state| state.store_is_read(now)) {
            let _ = timeout(self.policy.store_call, answer).await;
        }
        let now = self.clock.now();
        coordinator.update(|state| state.store_has_just_failed(now))
    }

    async fn acquire(&self, guard: &ExchangeGuard, effects: &mut Effects) -> Begin {
        let mut lock = std::pin::pin!(self.store.lock());
        let end = Instant::now() + self.policy.lock_wait;
        let locked = loop {
            match timeout(REREAD.mul_f64(1.0 + fastrand::f64()), &mut lock).await {
                Ok(locked) => break locked,
                // The holder may have written already, and many may wait in line.
                Err(_) => {
                    if !self.reread(guard, effects).await {
                        return Begin::Failed;
                    }
                    guard.heard(self.clock.now());
                }
            }
            if guard.next_attempt().is_none() {
                // The lock may just have been taken: it is released before the exchange is over.
                if let Ok(Ok(lock)) = timeout(REREAD, &mut lock).await {
                    lock.release().await;
                }
                return Begin::Alone;
            }
            if Instant::now() >= end {
                return Begin::Locked;
            }
        };
        match locked {
            Ok(lock) => {
                if self.reread(guard, effects).await {
                    Begin::Holds(lock)
                } else {
                    Begin::Failed
                }
            }
            Err(error) => {
                effects.then(self.failed(guard.coordinator(), error));
                Begin::Failed
            }
        }
    }

    /// Acts on what the store holds, for an exchange. Tells whether the store answered.
    pub(crate) async fn reread(&self, guard: &ExchangeGuard, effects: &mut Effects) -> bool {
        let read = self.load().await;
        let answered = read.is_ok();
        effects.then(self.act(guard.coordinator(), read, Some(guard.id)));
        answered
    }

    /// The portal rejected a refresh token. Another process may have renewed meanwhile; where none has, the store is to say that no other
    /// session can count on that token. Tells whether the store answered.
    pub(crate) async fn refresh_rejected(
        &self,
        guard: &ExchangeGuard,
        effects: &mut Effects,
        refresh: &RefreshToken,
        said: &Rejection,
    ) -> bool {
        if self.has_just_failed(guard.coordinator()).await {
            return false;
        }
        let read = self.load().await;
        let (answered, stored) = (read.is_ok(), read.as_ref().ok().cloned().flatten());
        effects.then(self.act(guard.coordinator(), read, Some(guard.id)));
        let same = |it: &StoredSession| {
            let tokens = it.tokens.as_ref();
            tokens.is_some_and(|it| it.refresh_token == *refresh) && it.refresh_rejected.is_none()
        };
        if let Some(stored) = stored.filter(same) {
            let (expected, at_ms) = (stored.generation, milliseconds(self.clock.now().wall));
            let noted = StoredRejection::new(at_ms, said.status.as_u16(), said.text());
            let session = StoredSession {
                refresh_rejected: Some(noted),
                ..stored
            };
            let saved = self.store.save(&session, expected);
            let _ = self.within("write the session", saved).await;
        }
        answered
    }

    /// Acts on what the store holds, and writes what only this session has.
    pub(crate) async fn sync(&self, coordinator: &Coordinator) -> Effects {
        let read = self.load().await;
        let answered = read.is_ok();
        let mut effects = self.act(coordinator, read, None);
        if answered {
            effects.then(self.save(coordinator, None).await);
        }
        effects
    }

    /// Writes what only this session has, unless others have written something later, which is adopted then.
    pub(crate) async fn save(&self, coordinator: &Coordinator, own: Option<u64>) -> Effects {
        let mut effects = Effects::default();
        for _ in 0..SAVES {
            let Some(unsaved) = coordinator.update(|state| state.unsaved()) else {
                break;
            };
            let saved = self.store.save(&unsaved.session, unsaved.expected);
            match self.within("write the session", saved).await {
                // There may be something later by now.
                Ok(()) => {
                    let now = self.clock.now();
                    effects.then(coordinator.update(|state| state.saved(unsaved, now)));
                }
                Err(StoreError::Conflict) => {
                    let read = self.load().await;
                    let answered = read.is_ok();
                    effects.then(self.act(coordinator, read, own));
                    if !answered {
                        break;
                    }
                }
                Err(error) => {
                    effects.then(self.failed(coordinator, error));
                    break;
                }
            }
        }
        effects
    }

    /// Records in the store that the portal rejected the credentials, so that other sessions do not send them as well.
    pub(crate) async fn note_rejection(
        &self,
        coordinator: &Coordinator,
        credentials: &Credentials,
        said: &Rejection,
        at_ms: u64,
    ) {
        let identity = coordinator.update(|state| {
            let held = state.credentials.as_ref() == Some(credentials);
            // A login that a caller asked for changes nothing where it fails.
            let held = held && (state.tokens.is_none() || !state.lifecycle.in_flight?.supersedes);
            held.then(|| credentials.identity_at(&state.identity.portal))
        });
        // Other credentials of a caller say nothing about those that sessions hold.
        let (Some(identity), Ok(stored)) = (identity, self.load().await) else {
            return;
        };
        let noted = StoredRejection::new(at_ms, said.status.as_u16(), said.text());
        let (session, expected) = match stored {
            Some(stored) if stored.identity.mismatch(&identity).is_some() => return,
            Some(stored) => {
                let expected = stored.generation;
                (stored, expected)
            }
            None => (StoredSession::empty(identity).with_generation(at_ms), 0),
        };
        // Where others are faster, they have something better than a rejection.
        let session = StoredSession {
            rejected: Some(noted),
            ..session
        };
        let saved = self.store.save(&session, expected);
        let _ = self.within("write the session", saved).await;
    }

    /// Takes the lock for a logout, which does without where that takes long.
    pub(crate) async fn lock(&self) -> Option<StoreLock> {
        let locked = timeout(self.policy.store_call, self.store.lock()).await;
        locked.ok()?.ok()
    }

    fn act(
        &self,
        coordinator: &Coordinator,
        read: Result<Option<StoredSession>, StoreError>,
        own: Option<u64>,
    ) -> Effects {
        let now = self.clock.now();
        match read {
            Ok(stored) => {
                coordinator.update(|state| state.reconcile(stored, own, now, fastrand::f64()))
            }
            Err(error) => self.failed(coordinator, error),
        }
    }

    fn failed(&self, coordinator: &Coordinator, error: StoreError) -> Effects {
        let now = self.clock.now();
        coordinator.update(|state| state.store_failed(error, now))
    }

    async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        self.within("read the session", self.store.load()).await
    }

    async fn within<T>(
        &self,
        action: &str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let patience = self.policy.store_call;
        match within(patience, call).await {
            Some(answer) => answer,
            None => {
                let late = format!("no answer within {} s", patience.as_secs());
                Err(StoreError::unavailable(action, late))
            }
        }
    }
}

/// How an exchange begins.
pub(crate) enum Begin {
    /// It holds the store's lock.
    Holds(StoreLock),
    /// There is no store, or the exchange is not needed any more.
    Alone,
    /// The store failed.
    Failed,
    /// Another process holds the lock for too long.
    Locked,
}
