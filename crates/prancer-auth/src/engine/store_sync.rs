//! Reads and writes the store. What becomes of that, the session's state says.

use std::sync::Arc;
use std::time::Duration;

use prancer_auth_client::RefreshToken;
use tokio::time::{Instant, timeout};

use super::context::Context;
use super::coordinator::Coordinator;
use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use crate::api::rejection::Rejection;
use crate::lifecycle::Policy;
use crate::settings::credentials::Credentials;
use crate::store::{
    SessionStore, StoreError, StoreLock, StoredRejection, StoredSession, milliseconds,
};

/// An exchange that waits for the lock reads the store after so long, and up to as much more.
const REREAD: Duration = Duration::from_millis(20);
/// How often a save is tried that others were faster than.
const SAVES: u32 = 5;

/// A store, with the patience that a session has with it.
pub(crate) struct StoreSync {
    pub(crate) store: Arc<dyn SessionStore>,
    pub(crate) policy: &'static Policy,
    /// No exchange begins whose tokens could not be saved.
    pub(crate) required: bool,
}

impl StoreSync {
    /// Takes the lock for an exchange, and adopts what others have written meanwhile.
    pub(crate) async fn begin(
        &self,
        guard: &ExchangeGuard,
        context: &Context,
        effects: &mut Effects,
    ) -> Begin {
        let mut lock = std::pin::pin!(self.store.lock());
        let end = Instant::now() + self.policy.lock_wait;
        let locked = loop {
            match timeout(REREAD.mul_f64(1.0 + fastrand::f64()), &mut lock).await {
                Ok(locked) => break locked,
                // The holder may have written already, and many wait for it in turn.
                Err(_) => {
                    if !self.reread(guard, context, effects).await {
                        return Begin::Failed;
                    }
                    guard.heard(context.now());
                }
            }
            if guard.next_step().is_none() {
                return Begin::Over;
            }
            if Instant::now() >= end {
                return Begin::Locked;
            }
        };
        match locked {
            Ok(lock) => {
                if self.reread(guard, context, effects).await {
                    Begin::Holds(lock)
                } else {
                    Begin::Failed
                }
            }
            Err(error) => {
                effects.then(self.failed(guard.coordinator(), context, error));
                Begin::Failed
            }
        }
    }

    /// Acts on what the store holds, for an exchange. Tells whether the store answered.
    pub(crate) async fn reread(
        &self,
        guard: &ExchangeGuard,
        context: &Context,
        effects: &mut Effects,
    ) -> bool {
        let read = self.load().await;
        let answered = read.is_ok();
        effects.then(self.act(guard.coordinator(), context, read, Some(guard.id)));
        answered
    }

    /// The portal rejected a refresh token. Another process may have renewed meanwhile; where none has, the store is to say that no other
    /// session can count on that token.
    pub(crate) async fn refresh_rejected(
        &self,
        guard: &ExchangeGuard,
        context: &Context,
        effects: &mut Effects,
        refresh: &RefreshToken,
        said: &Rejection,
    ) {
        let read = self.load().await;
        let stored = read.as_ref().ok().cloned().flatten();
        effects.then(self.act(guard.coordinator(), context, read, Some(guard.id)));
        let same = |it: &StoredSession| {
            let tokens = it.tokens.as_ref();
            tokens.is_some_and(|it| it.refresh_token == *refresh) && it.refresh_rejected.is_none()
        };
        if let Some(stored) = stored.filter(same) {
            let (expected, at_ms) = (stored.generation, milliseconds(context.now().wall));
            let noted = StoredRejection::new(at_ms, said.status.as_u16(), said.text());
            let session = StoredSession {
                refresh_rejected: Some(noted),
                ..stored
            };
            let saved = self.store.save(&session, expected);
            let _ = self.within("write the session", saved).await;
        }
    }

    /// Acts on what the store holds, and writes what only this session has.
    pub(crate) async fn sync(&self, coordinator: &Coordinator, context: &Context) -> Effects {
        let read = self.load().await;
        let answered = read.is_ok();
        let mut effects = self.act(coordinator, context, read, None);
        if answered {
            effects.then(self.save(coordinator, context, None).await);
        }
        effects
    }

    /// Writes what only this session has, unless others have written something later, which is adopted then.
    pub(crate) async fn save(
        &self,
        coordinator: &Coordinator,
        context: &Context,
        own: Option<u64>,
    ) -> Effects {
        let mut effects = Effects::default();
        for _ in 0..SAVES {
            let Some(unsaved) = coordinator.update(|state| state.unsaved()) else {
                break;
            };
            let saved = self.store.save(&unsaved.session, unsaved.expected);
            match self.within("write the session", saved).await {
                // There may be something later by now.
                Ok(()) => {
                    let now = context.now();
                    effects.then(coordinator.update(|state| state.saved(&unsaved, now)));
                }
                Err(StoreError::Conflict) => {
                    let read = self.load().await;
                    let answered = read.is_ok();
                    effects.then(self.act(coordinator, context, read, own));
                    if !answered {
                        break;
                    }
                }
                Err(error) => {
                    effects.then(self.failed(coordinator, context, error));
                    break;
                }
            }
        }
        effects
    }

    /// Notes in the store that the portal rejected the credentials, so that other sessions do not send them as well.
    pub(crate) async fn note_rejection(
        &self,
        coordinator: &Coordinator,
        credentials: &Credentials,
        said: &Rejection,
        at_ms: u64,
    ) {
        let identity = coordinator.update(|state| {
            // Nor does a session that is still good need them.
            let held = state.credentials.as_ref() == Some(credentials) && state.tokens.is_none();
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

    /// Takes the lock for a logout, as long as that takes no longer than an exchange would wait.
    pub(crate) async fn lock(&self) -> Option<StoreLock> {
        let locked = timeout(self.policy.lock_wait, self.store.lock()).await;
        locked.ok()?.ok()
    }

    fn act(
        &self,
        coordinator: &Coordinator,
        context: &Context,
        read: Result<Option<StoredSession>, StoreError>,
        own: Option<u64>,
    ) -> Effects {
        let now = context.now();
        match read {
            Ok(stored) => {
                coordinator.update(|state| state.reconcile(stored, own, now, fastrand::f64()))
            }
            Err(error) => self.failed(coordinator, context, error),
        }
    }

    fn failed(&self, coordinator: &Coordinator, context: &Context, error: StoreError) -> Effects {
        let now = context.now();
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
        let late = |_| {
            let late = format!("no answer within {} s", patience.as_secs());
            StoreError::unavailable(action, late)
        };
        timeout(patience, call).await.map_err(late)?
    }
}

/// How an exchange begins.
pub(crate) enum Begin {
    /// It holds the store's lock.
    Holds(StoreLock),
    /// There is no store.
    Alone,
    /// The store failed.
    Failed,
    /// Another process holds the lock for too long.
    Locked,
    /// It is not needed any more.
    Over,
}
