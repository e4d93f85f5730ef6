//! The lock of a session in Redis.

use std::io;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{RedisResult, cmd};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

use crate::store::lock::StoreLock;
use crate::store::stored::milliseconds;

/// A waiter tries again after this long, and up to twice as long.
const RETRY_PAUSE: Duration = Duration::from_millis(20);
/// How long a release may take: when Redis hangs, the lock expires by itself, and nothing is gained by waiting longer.
const RELEASE_PATIENCE: Duration = Duration::from_secs(2);
/// Takes a lock that is free, or that its owner has already: where the reply to the first command was lost, it is sent again.
const TAKE: &str = "
    local owner = redis.call('GET', KEYS[1])
    if owner and owner ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1";
/// Puts off the expiry of a lock, for its owner.
const PUT_OFF: &str =
    "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0";
/// Releases a lock, for its owner.
const RELEASE: &str =
    "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0";

/// A lock that is held, or asked for: a key with an owner and an expiry.
#[derive(Clone)]
pub(super) struct RedisLock<C> {
    connection: C,
    key: String,
    owner: String,
    expiry: Duration,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> RedisLock<C> {
    /// Waits for the lock.
    pub(super) async fn take(
        connection: C,
        key: String,
        expiry: Duration,
    ) -> RedisResult<StoreLock> {
        let runtime = Handle::try_current().map_err(io::Error::other)?;
        let lock = Self {
            connection,
            key,
            owner: owner()?,
            expiry,
        };
        // Held before it is asked for: what the last command of a waiter that gives up may still take is released, too.
        let (guard, dropped) = oneshot::channel();
        runtime.spawn(lock.clone().hold(dropped));
        while !lock.run(TAKE).await? {
            sleep(RETRY_PAUSE.mul_f64(1.0 + fastrand::f64())).await;
        }
        // The runtime of that task may not be run any more: who releases the lock does it here.
        let release = async move {
            drop(guard);
            let _ = timeout(RELEASE_PATIENCE, lock.run(RELEASE)).await;
        };
        Ok(StoreLock::with_release((), release))
    }

    /// Puts off the expiry until the guard is dropped, then releases the lock. Where that fails, the lock expires, and a save that comes
    /// too late is a conflict.
    async fn hold(self, mut guard: oneshot::Receiver<()>) {
        while timeout(self.expiry / 3, &mut guard).await.is_err() {
            let _ = timeout(RELEASE_PATIENCE, self.run(PUT_OFF)).await;
        }
        let _ = timeout(RELEASE_PATIENCE, self.run(RELEASE)).await;
    }

    async fn run(&self, script: &str) -> RedisResult<bool> {
        let mut eval = cmd("EVAL");
        eval.arg(script).arg(1).arg(&self.key).arg(&self.owner);
        eval.arg(milliseconds(self.expiry));
        eval.query_async(&mut self.connection.clone()).await
    }
}

/// A name that no other holder has. By the operating system: a generator of this process's own is copied by `fork`, and with a
/// virtual machine.
fn owner() -> io::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random)?;
    Ok(u128::from_ne_bytes(random).to_string())
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::lifecycle::Identity;
    use crate::store::{RedisStore, SessionStore as _, StoreError};

    #[test]
    fn outside_of_a_runtime_there_is_no_lock_and_no_panic() {
        let identity = Identity::new("https://portal.prancer.io/");
        let store = RedisStore::open("redis://127.0.0.1:1", &identity).unwrap();
        let mut context = Context::from_waker(Waker::noop());
        let polled = store.lock().as_mut().poll(&mut context);
        let refused = matches!(polled, Poll::Ready(Err(StoreError::Unavailable { .. })));
        assert!(refused);
    }

    #[test]
    fn two_processes_with_the_same_generator_are_two_owners() {
        fastrand::seed(1);
        let one = owner().unwrap();
        // As in the child of a fork.
        fastrand::seed(1);
        assert_ne!(owner().unwrap(), one);
    }
}
