//! One exchange with the portal, from the store's lock to the callers that wait.

use std::sync::Arc;

use tokio::time::sleep;
use tracing::Instrument as _;

use super::context::Context;
use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use super::store_sync::Begin;
use crate::api::client::TokenRequest;
use crate::api::transient_error::{Failure, TransientError};
use crate::store::milliseconds;

/// Runs an exchange. The lock is free, and everything is written, before anybody hears what came of it.
pub(super) async fn run(guard: ExchangeGuard, context: Arc<Context>) {
    let mut effects = Effects::default();
    let begin = match &context.sync {
        Some(sync) => sync.begin(&guard, &context, &mut effects).await,
        None => Begin::Alone,
    };
    let error = match begin {
        Begin::Locked => Some(TransientError::Locked),
        // Renewing alone could end the session of the others: there is time to wait for the store.
        Begin::Failed
            if guard.can_wait(context.now())
                || context.sync.as_ref().is_some_and(|it| it.required) =>
        {
            Some(TransientError::StoreUnavailable)
        }
        _ => None,
    };
    if let Some(error) = error {
        effects.then(guard.fail(error, context.now()));
    }
    while let Some(step) = guard.next_step() {
        if !step.pause.is_zero() {
            sleep(step.pause).await;
            if guard.next_step().is_none() {
                break;
            }
        }
        let operation = if step.request.is_login() {
            "login"
        } else {
            "refresh"
        };
        let span = tracing::debug_span!("exchange", operation);
        let since = context.now();
        let result = context
            .attempt(&step.request)
            .instrument(span.clone())
            .await;
        let shared = context
            .sync
            .as_ref()
            .filter(|_| matches!(begin, Begin::Holds(_)));
        if let (Err(Failure::Rejected(said)), Some(sync)) = (&result, shared) {
            match &step.request {
                TokenRequest::LogIn(credentials) => {
                    let at_ms = milliseconds(context.now().wall);
                    sync.note_rejection(guard.coordinator(), credentials, said, at_ms)
                        .await;
                }
                TokenRequest::Refresh(refresh) => {
                    sync.refresh_rejected(&guard, &context, &mut effects, refresh, said)
                        .await;
                }
            }
        }
        let brought = result.is_ok();
        effects.then(guard.report(&step, since, result, context.now()));
        if let (true, Some(sync)) = (brought, shared) {
            let saved = sync.save(guard.coordinator(), &context, Some(guard.id));
            effects.then(saved.instrument(span).await);
        }
    }
    if let Begin::Holds(lock) = begin {
        lock.release().await;
    }
    // The program hears of the change before the callers do; tokens are ended after both.
    let to_revoke = std::mem::take(&mut effects.to_revoke);
    context.settle(guard.coordinator(), effects).await;
    guard.complete(context.now());
    context
        .settle(guard.coordinator(), Effects::revoke(to_revoke))
        .await;
}
