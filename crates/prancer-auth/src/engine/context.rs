//! The dependencies of a session's tasks: portal, store, clock, observer, policy.

use std::sync::Arc;

use super::clock::Clock;
use super::observer::Observer;
use super::timer::{timeout, within};
use crate::api::client::TokenEndpoint;
use crate::api::tokens::{TokenRequest, Tokens};
use crate::api::transient_error::{Failure, TransientError};
use crate::lifecycle::{Now, Policy};
use crate::store::{SessionStore, StoreError, StoreLock, StoredSession};

/// The dependencies of a session's tasks.
pub(crate) struct Context {
    pub(crate) endpoint: Arc<dyn TokenEndpoint>,
    /// Where the session is shared, if it is.
    pub(crate) store: Option<Arc<dyn SessionStore>>,
    /// No exchange begins whose tokens could not be saved.
    pub(crate) must_save: bool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Observer,
    pub(crate) policy: &'static Policy,
}

impl Context {
    pub(crate) fn now(&self) -> Now {
        self.clock.now()
    }

    /// One attempt to get tokens.
    pub(super) async fn attempt(&self, request: &TokenRequest) -> Result<Tokens, Failure> {
        let tokens = within(self.policy.attempt, self.endpoint.tokens(request)).await;
        tokens.unwrap_or_else(|| self.late())
    }

    /// Revokes tokens. The portal's logout needs a valid access token, so an expired one is refreshed first.
    pub(super) async fn revoke(&self, tokens: Tokens, expired: bool) -> Result<(), Failure> {
        if !expired {
            match self.log_out(&tokens).await {
                Err(Failure::Rejected(_)) => {}
                ended => return ended,
            }
        }
        match self.attempt(&TokenRequest::Refresh(tokens.refresh)).await {
            Ok(renewed) => self.log_out(&renewed).await,
            // Both tokens are dead already.
            Err(Failure::Rejected(_)) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    async fn log_out(&self, tokens: &Tokens) -> Result<(), Failure> {
        let done = within(self.policy.attempt, self.endpoint.log_out(&tokens.access)).await;
        done.unwrap_or_else(|| self.late())
    }

    fn late<T>(&self) -> Result<T, Failure> {
        Err(TransientError::TimedOut(self.policy.attempt).into())
    }

    /// What the store holds: nothing, where there is no store.
    pub(super) async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        match &self.store {
            Some(store) => self.answer("read the session", store.load()).await,
            None => Ok(None),
        }
    }

    /// Writes to the store in place of the `expected` generation.
    pub(super) async fn save(
        &self,
        session: &StoredSession,
        expected: u64,
    ) -> Result<(), StoreError> {
        match &self.store {
            Some(store) => {
                let saved = store.save(session, expected);
                self.answer("write the session", saved).await
            }
            None => Ok(()),
        }
    }

    /// Takes the lock for a logout, which does without where that takes long.
    pub(super) async fn lock(&self) -> Option<StoreLock> {
        let locked = self.store.as_ref()?.lock();
        let locked = timeout(self.policy.store_call, locked).await;
        locked.ok()?.ok()
    }

    async fn answer<T>(
        &self,
        action: &str,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let patience = self.policy.store_call;
        within(patience, call).await.unwrap_or_else(|| {
            let late = format!("no answer within {} s", patience.as_secs());
            Err(StoreError::unavailable(action, late))
        })
    }
}
