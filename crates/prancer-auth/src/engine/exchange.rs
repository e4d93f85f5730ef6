//! One exchange with the portal, from the store's lock to the callers that wait.

use tracing::Instrument as _;

use super::effects::Effects;
use super::exchange_guard::ExchangeGuard;
use super::exchange_state::Attempt;
use super::timer::sleep;
use crate::api::tokens::{TokenRequest, Tokens};
use crate::api::transient_error::{Failure, TransientError};

/// Runs an exchange. Everything is saved, and the lock is released, before callers get the result.
pub(super) async fn run(guard: ExchangeGuard) {
    let coordinator = guard.coordinator();
    let mut effects = Effects::default();
    let shared = match coordinator.begin(&guard, &mut effects).await {
        Ok(shared) => shared,
        Err(error) => {
            effects.then(guard.fail(error));
            false
        }
    };
    while let Some(asking) = guard.asking() {
        if !asking.pause.is_zero() {
            sleep(asking.pause).await;
        }
        // What another process has done meanwhile counts.
        if shared && guard.has_lost_lock() {
            let _ = coordinator.read(&mut effects).await;
        }
        // Other tokens may have come meanwhile.
        let Some(attempt) = guard.next_attempt() else {
            break;
        };
        let operation = attempt.request.operation();
        let span = tracing::debug_span!("exchange", operation);
        let asked = coordinator.context.attempt(&attempt.request);
        let result = asked.instrument(span.clone()).await;
        let result = weigh(result, &attempt, shared, &guard, &mut effects).await;
        let (brought, rejected) = (result.is_ok(), matches!(result, Err(Failure::Rejected(_))));
        effects.then(guard.report(&attempt, result));
        if shared && brought {
            let saved = coordinator.save();
            effects.then(saved.instrument(span).await);
        } else if shared && rejected && guard.asking().is_some() {
            // Another session may have seen the credentials rejected that are to be sent next.
            let _ = coordinator.read(&mut effects).await;
        }
    }
    guard.release().await;
    // The program hears of the change before the callers do; tokens are ended after both.
    let to_revoke = coordinator.tell_of(effects).await;
    guard.complete();
    coordinator.revoke(to_revoke).await;
}

/// Looks into the store where the portal has rejected something, before that is believed.
async fn weigh(
    result: Result<Tokens, Failure>,
    attempt: &Attempt,
    shared: bool,
    guard: &ExchangeGuard,
    effects: &mut Effects,
) -> Result<Tokens, Failure> {
    let Err(Failure::Rejected(said)) = &result else {
        return result;
    };
    let coordinator = guard.coordinator();
    match &attempt.request {
        TokenRequest::LogIn(credentials) if shared => {
            coordinator
                .note_rejected_credentials(credentials, said)
                .await;
        }
        TokenRequest::LogIn(_) => {}
        // Another process may have renewed meanwhile: where the store does not tell, the rejection ends no session.
        TokenRequest::Refresh(refresh) => {
            let noted = coordinator.note_rejected_refresh(effects, refresh, said);
            let answered = noted.await.is_ok();
            let now = coordinator.context.now();
            if !answered && !coordinator.update(|state| state.lifecycle.can_log_in(now)) {
                return Err(TransientError::StoreUnavailable.into());
            }
        }
    }
    result
}
