//! One exchange with the portal, from the store's lock to the callers that wait.

use std::sync::Arc;

use tracing::Instrument as _;

use super::context::Context;
use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use super::exchange_state::Attempt;
use super::store_sync::Begin;
use super::timer::sleep;
use crate::api::tokens::{TokenRequest, Tokens};
use crate::api::transient_error::{Failure, TransientError};
use crate::store::milliseconds;

/// Runs an exchange. Everything is saved, and the lock is released, before callers get the result.
pub(super) async fn run(guard: ExchangeGuard, context: Arc<Context>) {
    let mut effects = Effects::default();
    let begin = match &context.sync {
        Some(sync) => sync.begin(&guard, &mut effects).await,
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
    let holds = matches!(begin, Begin::Holds(_));
    if let Begin::Holds(lock) = begin {
        guard.hold(lock);
    }
    if let Some(error) = error {
        effects.then(guard.fail(error, context.now()));
    }
    while let Some(attempt) = guard.next_attempt() {
        if !attempt.pause.is_zero() {
            sleep(attempt.pause).await;
            if guard.next_attempt().is_none() {
                break;
            }
        }
        let operation = if attempt.request.is_login() {
            "login"
        } else {
            "refresh"
        };
        let span = tracing::debug_span!("exchange", operation);
        let since = context.now();
        let result = context
            .attempt(&attempt.request)
            .instrument(span.clone())
            .await;
        let result = weigh(result, &attempt, holds, &guard, &context, &mut effects).await;
        let (brought, rejected) = (result.is_ok(), matches!(result, Err(Failure::Rejected(_))));
        let is_login = attempt.request.is_login();
        effects.then(guard.report(&attempt, since, result, context.now()));
        match context.sync.as_ref().filter(|_| holds) {
            Some(sync) if brought => {
                let saved = sync.save(guard.coordinator(), Some(guard.id));
                effects.then(saved.instrument(span).await);
            }
            // Another session may have seen the credentials rejected that are to be sent next.
            Some(sync) if rejected && !is_login => {
                sync.reread(&guard, &mut effects).await;
            }
            _ => {}
        }
    }
    guard.release().await;
    // The program hears of the change before the callers do; tokens are ended after both.
    let to_revoke = std::mem::take(&mut effects.to_revoke);
    context.settle(guard.coordinator(), effects).await;
    guard.complete(context.now());
    context
        .settle(guard.coordinator(), Effects::revoke(to_revoke))
        .await;
}

/// Looks into the store where the portal has rejected something, before that is believed.
async fn weigh(
    result: Result<Tokens, Failure>,
    attempt: &Attempt,
    holds: bool,
    guard: &ExchangeGuard,
    context: &Context,
    effects: &mut Effects,
) -> Result<Tokens, Failure> {
    let (Err(Failure::Rejected(said)), Some(sync)) = (&result, &context.sync) else {
        return result;
    };
    match &attempt.request {
        TokenRequest::LogIn(credentials) if holds => {
            let at_ms = milliseconds(context.now().wall);
            sync.note_rejection(guard.coordinator(), credentials, said, at_ms)
                .await;
        }
        TokenRequest::LogIn(_) => {}
        // Another process may have renewed meanwhile: where the store does not tell, the rejection ends no session.
        TokenRequest::Refresh(refresh) => {
            let answered = sync.refresh_rejected(guard, effects, refresh, said).await;
            if !answered && !guard.can_log_in(context.now()) {
                return Err(TransientError::StoreUnavailable.into());
            }
        }
    }
    result
}
