//! The lock of a session in Redis.

use std::sync::LazyLock;
use std::time::Duration;

use redis::aio::ConnectionLike;
use redis::{RedisResult, Script};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Whoever waits for the lock asks again after so long, and up to as much more.
const ASK_AGAIN: Duration = Duration::from_millis(20);
/// Puts off the end of a lock, for its owner.
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
pub(super) struct RedisLock<C: ConnectionLike + Clone + Send + Sync + 'static> {
    connection: C,
    key: String,
    owner: String,
    renewal: Option<JoinHandle<()>>,
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> RedisLock<C> {
    pub(super) async fn take(connection: &C, key: String, expiry: Duration) -> RedisResult<Self> {
        let milliseconds = u64::try_from(expiry.as_millis()).unwrap_or(u64::MAX);
        // Made before the lock is asked for: whoever gives up waiting releases what may be on its way.
        let lock = Self {
            connection: connection.clone(),
            key,
            owner: fastrand::u128(..).to_string(),
            renewal: None,
        };
        let mut connection = connection.clone();
        loop {
            let mut command = redis::cmd("SET");
            command.arg(&lock.key).arg(&lock.owner);
            command.arg("NX").arg("PX").arg(milliseconds);
            let taken: Option<String> = command.query_async(&mut connection).await?;
            if taken.is_some() {
                return Ok(lock.renewed_every(expiry / 3, milliseconds));
            }
            sleep(ASK_AGAIN.mul_f64(1.0 + fastrand::f64())).await;
        }
    }

    fn renewed_every(mut self, time: Duration, expiry: u64) -> Self {
        let (mut connection, key, owner) = (
            self.connection.clone(),
            self.key.clone(),
            self.owner.clone(),
        );
        self.renewal = Some(tokio::spawn(async move {
            loop {
                sleep(time).await;
                let mut put_off = PUT_OFF.key(&key);
                put_off.arg(&owner).arg(expiry);
                // Where that fails, the lock is lost, and a save that comes too late is a conflict.
                let _: Result<bool, _> = put_off.invoke_async(&mut connection).await;
            }
        }));
        self
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> Drop for RedisLock<C> {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
        let (mut connection, key, owner) = (
            self.connection.clone(),
            self.key.clone(),
            self.owner.clone(),
        );
        // Without a runtime, it expires.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let mut release = RELEASE.key(&key);
                release.arg(&owner);
                let _: Result<bool, _> = release.invoke_async(&mut connection).await;
            });
        }
    }
}
