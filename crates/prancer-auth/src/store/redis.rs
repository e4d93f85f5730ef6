//! A session in Redis, for fleets.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};
use tokio::runtime::Handle;

use super::redis_lock::RedisLock;
use super::seal::SealingKey;
use super::{InvalidFormat, SessionStore, StoreError, StoreFuture, StoreLock, StoredSession};
use crate::lifetime;
use crate::portal::Portal;

/// How long Redis may take to connect, and to answer.
const PATIENCE: Duration = Duration::from_secs(3);
/// A lock whose holder has died is free after so long; a holder that lives renews it three times as often.
const LOCK_EXPIRY: Duration = Duration::from_secs(10);
/// How long a logout is remembered: longer than any exchange that it must win over.
const LOGOUT_EXPIRY: Duration = Duration::from_secs(24 * 60 * 60);

/// Replaces the session if its generation is the one that is expected.
static SAVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if (redis.call('HGET', KEYS[1], 'generation') or '0') ~= ARGV[1] then return 0 end
         redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'session', ARGV[3])
         if ARGV[4] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
         return 1",
    )
});
/// Keeps a session in Redis or Valkey, for processes on many machines.
///
/// The session is one hash, replaced by a script that looks at its generation, so that whoever has lost the lock (paused, cut off)
/// overwrites nothing. It expires with the refresh token, where the portal says when that is. The lock is a key with an owner and an expiry
/// of 10 seconds, which its holder renews.
///
/// ```no_run
/// use prancer_auth::store::{RedisStore, SealingKey};
/// use prancer_auth::{Credentials, Portal, Session};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let portal = Portal::from_env()?;
/// let credentials = Credentials::from_env()?;
/// let key = SealingKey::from_base64(&std::env::var("SEALING_KEY")?)?;
/// let store = RedisStore::open("rediss://redis.example.com", &portal, credentials.email())?.sealed(key);
/// let session = Session::builder(portal).credentials(credentials).store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore<C = ConnectionManager> {
    connection: C,
    place: String,
    name: String,
    sealing: Option<SealingKey>,
    lock_expiry: Duration,
}

impl RedisStore {
    /// A store at this URL (`redis://`, `rediss://`, `valkey://`, `valkeys://`, `redis+unix://`), which is connected to at the first
    /// use, and again when the connection is lost. It belongs to the runtime that it is made on.
    ///
    /// # Errors
    ///
    /// [`StoreError::Away`] when the URL cannot be read, or there is no tokio runtime here.
    pub fn open(url: &str, portal: &Portal, who: &str) -> Result<Self, StoreError> {
        Handle::try_current().map_err(|error| StoreError::away("open the Redis store", error))?;
        let client = Client::open(url).map_err(|error| away("open the Redis store", error))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1);
        let place = client.get_connection_info().addr().to_string();
        let connection = ConnectionManager::new_lazy_with_config(client, config);
        let connection = connection.map_err(|error| away("open the Redis store", error))?;
        Ok(Self::new(connection, place, portal, who))
    }
}

impl<C> RedisStore<C> {
    /// A store on a connection of your own making, such as one to a cluster, or to what a sentinel says is the master. `place` is its name
    /// for people.
    pub fn new(connection: C, place: impl Into<String>, portal: &Portal, who: &str) -> Self {
        Self {
            connection,
            place: place.into(),
            name: format!("{}|{who}", portal.url()),
            sealing: None,
            lock_expiry: LOCK_EXPIRY,
        }
        .prefix("prancer-auth")
    }

    /// Begins every key with this, by default `prancer-auth`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        let name = match self.name.split_once(":{") {
            Some((_, name)) => name.trim_end_matches('}'),
            None => &self.name,
        };
        // What stands in braces is what a cluster places keys by, so both keys are in one place.
        self.name = format!("{prefix}:{{{name}}}");
        self
    }

    /// Seals what is kept with this key, so that who reads the Redis reads no tokens.
    #[must_use]
    pub fn sealed(mut self, key: SealingKey) -> Self {
        self.sealing = Some(key);
        self
    }

    /// A lock whose holder has died is free after so long, by default 10 seconds.
    #[must_use]
    pub fn lock_expiry(mut self, expiry: Duration) -> Self {
        self.lock_expiry = expiry;
        self
    }

    fn session_key(&self) -> String {
        format!("{}:session", self.name)
    }

    fn lock_key(&self) -> String {
        format!("{}:lock", self.name)
    }

    fn read(&self, kept: &[u8]) -> Result<StoredSession, InvalidFormat> {
        match &self.sealing {
            // What was kept before there was a key is read as it is, and sealed with the next save.
            Some(key) if SealingKey::is_sealed(kept) => {
                StoredSession::from_json(&key.open(kept, self.name.as_bytes())?)
            }
            None if SealingKey::is_sealed(kept) => Err(InvalidFormat::Sealed),
            _ => StoredSession::from_json(kept),
        }
    }

    fn written(&self, session: &StoredSession) -> Result<Vec<u8>, StoreError> {
        let json = session.to_json();
        match &self.sealing {
            Some(key) => key.seal(&json, self.name.as_bytes()),
            None => Ok(json.to_vec()),
        }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> SessionStore for RedisStore<C> {
    fn place(&self) -> String {
        format!("{} at {}", self.name, self.place)
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            let mut command = redis::cmd("HGET");
            command.arg(self.session_key()).arg("session");
            let mut connection = self.connection.clone();
            let kept: Option<Vec<u8>> = command
                .query_async(&mut connection)
                .await
                .map_err(|error| away("load the session from Redis", error))?;
            let read = kept.as_deref().map(|kept| self.read(kept)).transpose();
            read.map_err(|source| StoreError::Invalid {
                place: self.place(),
                source,
            })
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let expiry = expiry(session).map_or(0, |it| u64::try_from(it.as_millis()).unwrap_or(0));
            let mut connection = self.connection.clone();
            let saved: bool = SAVE
                .key(self.session_key())
                .arg(expected)
                .arg(session.generation)
                .arg(self.written(session)?)
                .arg(expiry)
                .invoke_async(&mut connection)
                .await
                .map_err(|error| away("keep the session in Redis", error))?;
            if saved {
                Ok(())
            } else {
                Err(StoreError::Conflict)
            }
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            let mut command = redis::cmd("DEL");
            let mut connection = self.connection.clone();
            command
                .arg(self.session_key())
                .query_async(&mut connection)
                .await
                .map_err(|error| away("remove the session from Redis", error))
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let held = RedisLock::take(&self.connection, self.lock_key(), self.lock_expiry).await;
            held.map(StoreLock::new)
                .map_err(|error| away("lock the session in Redis", error))
        })
    }
}

/// How long the session is worth keeping, where that is known.
fn expiry(session: &StoredSession) -> Option<Duration> {
    match &session.tokens {
        Some(tokens) => lifetime::of_refresh_token(&tokens.refresh_token),
        None => Some(LOGOUT_EXPIRY),
    }
}

fn away(action: &str, error: RedisError) -> StoreError {
    StoreError::away(action, Arc::new(error))
}
