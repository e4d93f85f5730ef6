//! Calls of a keyring, each in a thread of its own, which may hang for ever.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::error::StoreError;

/// How long the keyring may take. One that asks its user to unlock it takes longer, and counts as unavailable until then.
const PATIENCE: Duration = Duration::from_secs(3);

/// The calls of one keyring. Each that hangs leaves a thread behind: one is enough.
#[derive(Debug, Default)]
pub(super) struct KeyringCalls {
    /// The calls that were given up: there as long as their threads wait for the keyring.
    given_up: Mutex<Vec<Weak<Running>>>,
}

/// Held by the thread of a call until it ends, by an answer or a panic.
#[derive(Debug)]
struct Running;

impl KeyringCalls {
    /// Calls the keyring, unless it has not answered an earlier call yet.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        action: &str,
        call: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let failed = |why: String| Err(StoreError::unavailable(action, why));
        if self.is_stuck() {
            return failed("the keyring has not answered an earlier call yet".to_owned());
        }
        let (sender, receiver) = oneshot::channel();
        let running = Arc::new(Running);
        let _waiting = Waiting {
            calls: self,
            running: Arc::downgrade(&running),
        };
        let thread = thread::Builder::new().name("prancer-auth-keyring".to_owned());
        let thread = thread.spawn(move || {
            // Ends before the caller hears of it, also where the keyring's library panics.
            let running = running;
            let answer = call();
            drop(running);
            let _ = sender.send(answer);
        });
        thread.map_err(|error| StoreError::unavailable(action, error))?;
        match timeout(PATIENCE, receiver).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => failed("the keyring's library failed".to_owned()),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                failed(format!("the keyring did not answer within {seconds} s"))
            }
        }
    }

    fn is_stuck(&self) -> bool {
        let mut given_up = self.given_up();
        given_up.retain(|it| it.strong_count() > 0);
        !given_up.is_empty()
    }

    fn given_up(&self) -> MutexGuard<'_, Vec<Weak<Running>>> {
        self.given_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A caller that waits for its thread.
struct Waiting<'a> {
    calls: &'a KeyringCalls,
    running: Weak<Running>,
}

impl Drop for Waiting<'_> {
    /// A call whose thread still runs is given up.
    fn drop(&mut self) {
        if self.running.strong_count() > 0 {
            self.calls.given_up().push(Weak::clone(&self.running));
        }
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
