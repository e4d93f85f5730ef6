//! The lock of a session in Redis.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{RedisResult, Script};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::lock::StoreLock;

/// A waiter tries again after this long, and up to twice as long.
const RETRY_PAUSE: Duration = Duration::from_millis(20);
/// How long a release may take: when Redis hangs, the lock expires by itself, and nothing is gained by waiting longer.
const RELEASE_PATIENCE: Duration = Duration::from_secs(2);
/// Takes a lock that is free, or that its owner has already: where the reply to the first command was lost, it is sent again.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local owner = redis.call('GET', KEYS[1])
         if owner and owner ~= ARGV[1] then return 0 end
         redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
         return 1",
    )
});
/// Puts off the expiry of a lock, for its owner.
static PUT_OFF: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('PEXPIRE', KEYS[1], ARGV[2]) or 0",
    )
});
/// Releases a lock, for its owner.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new("return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0")
});

/// A lock that is held, or asked for: a key with an owner and an expiry.
pub(super) struct RedisLock<C: ConnectionLike + Clone + Send + 'static> {
    connection: C,
    key: String,
    owner: String,
    renewal: Option<JoinHandle<()>>,
    released: Arc<AtomicBool>,
}

impl<C: ConnectionLike + Clone + Send + 'static> RedisLock<C> {
    pub(super) async fn take(
        mut connection: C,
        key: String,
        expiry: Duration,
    ) -> RedisResult<StoreLock> {
        let milliseconds = u64::try_from(expiry.as_millis()).unwrap_or(u64::MAX);
        // Made before the lock is asked for: a waiter that gives up releases what its last command may still take.
        let mut lock = Self {
            connection: connection.clone(),
            key,
            owner: owner()?,
            renewal: None,
            released: Arc::default(),
        };
        loop {
            let mut take = TAKE.key(&lock.key);
            take.arg(&lock.owner).arg(milliseconds);
            if take.invoke_async(&mut connection).await? {
                lock.renewal = Some(tokio::spawn(lock.renew(expiry / 3, milliseconds)));
                let release = lock.release();
                return Ok(StoreLock::with_release(lock, release));
            }
            sleep(RETRY_PAUSE.mul_f64(1.0 + fastrand::f64())).await;
        }
    }

    fn renew(&self, every: Duration, expiry: u64) -> impl Future<Output = ()> + Send + use<C> {
        let (key, owner) = (self.key.clone(), self.owner.clone());
        let mut connection = self.connection.clone();
        async move {
            loop {
                sleep(every).await;
                let mut put_off = PUT_OFF.key(&key);
                put_off.arg(&owner).arg(expiry);
                // Where that fails, the lock is lost, and a save that comes too late is a conflict.
                let _: RedisResult<bool> = put_off.invoke_async(&mut connection).await;
            }
        }
    }

    fn release(&self) -> impl Future<Output = ()> + Send + use<C> {
        let (key, owner) = (self.key.clone(), self.owner.clone());
        let (mut connection, released) = (self.connection.clone(), Arc::clone(&self.released));
        async move {
            let mut release = RELEASE.key(&key);
            release.arg(&owner);
            let done = timeout(RELEASE_PATIENCE, release.invoke_async(&mut connection)).await;
            let done: Option<RedisResult<bool>> = done.ok();
            released.store(done.is_some_and(|it| it.is_ok()), Ordering::Release);
        }
    }
}

impl<C: ConnectionLike + Clone + Send + 'static> Drop for RedisLock<C> {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        // Without a runtime, it expires.
        if let (false, Ok(runtime)) = (self.released.load(Ordering::Acquire), Handle::try_current())
        {
            runtime.spawn(self.release());
        }
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
    use super::*;

    #[test]
    fn two_processes_with_the_same_generator_are_two_owners() {
        fastrand::seed(1);
        let one = owner().unwrap();
        // As in the child of a fork.
        fastrand::seed(1);
        assert_ne!(owner().unwrap(), one);
    }
}
