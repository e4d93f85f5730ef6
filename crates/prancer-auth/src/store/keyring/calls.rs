//! Calls of a keyring, each in a thread of its own, which may hang for ever.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::store::error::StoreError;

/// How long the keyring may take. One that asks its user to unlock it takes longer, and counts as unavailable until then.
const PATIENCE: Duration = Duration::from_secs(3);

/// The calls of one keyring. Each that hangs leaves a thread behind: one is enough.
#[derive(Debug, Default)]
pub(super) struct KeyringCalls {
    /// The threads of calls that were given up. They end when the keyring answers.
    given_up: Mutex<Vec<JoinHandle<()>>>,
}

impl KeyringCalls {
    /// Calls the keyring, unless it has not answered an earlier call yet.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        action: &str,
        call: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let failed = |why: &str| Err(StoreError::unavailable(action, why));
        if self.is_stuck() {
            return failed("the keyring has not answered an earlier call yet");
        }
        let (sender, receiver) = oneshot::channel();
        let thread = thread::Builder::new().name("prancer-auth-keyring".to_owned());
        let thread = thread.spawn(move || drop(sender.send(call())));
        let thread = thread.map_err(|error| StoreError::unavailable(action, error))?;
        let mut waiting = Waiting {
            calls: self,
            thread: Some(thread),
        };
        let Ok(answer) = timeout(PATIENCE, receiver).await else {
            let seconds = PATIENCE.as_secs();
            return failed(&format!("the keyring did not answer within {seconds} s"));
        };
        // It ends now, if it has not yet.
        waiting.thread = None;
        answer.unwrap_or_else(|_| failed("the keyring's library failed"))
    }

    fn is_stuck(&self) -> bool {
        let mut given_up = self.given_up();
        given_up.retain(|it| !it.is_finished());
        !given_up.is_empty()
    }

    fn given_up(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that waits for its thread.
struct Waiting<'a> {
    calls: &'a KeyringCalls,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Waiting<'_> {
    /// A call that was not answered is given up.
    fn drop(&mut self) {
        self.calls.given_up().extend(self.thread.take());
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use tokio::time::{pause, resume};

    use super::*;

    /// The keyring answers again, a moment after its thread has ended.
    async fn is_called_again(calls: &KeyringCalls) {
        for _ in 0..60_000 {
            if calls.call("try", || Ok(())).await.is_ok() {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("it is never called again");
    }

    #[tokio::test]
    async fn a_keyring_that_hangs_costs_one_thread_until_it_answers_or_panics() {
        let calls = KeyringCalls::default();
        for (panics, patience) in [(true, 2 * PATIENCE), (false, PATIENCE / 2)] {
            let (answers, hangs) = channel::<()>();
            let hanging = calls.call("try", move || {
                let _ = hangs.recv();
                assert!(!panics, "as the library may");
                Ok(())
            });
            pause();
            // Given up by the store, or by its caller before.
            assert!(!matches!(timeout(patience, hanging).await, Ok(Ok(()))));
            resume();
            let called_meanwhile = calls.call("try", || Ok(())).await;
            assert!(called_meanwhile.is_err(), "one thread is enough");
            drop(answers);
            is_called_again(&calls).await;
        }
    }
}
