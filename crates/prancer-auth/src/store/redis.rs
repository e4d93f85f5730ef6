//! A session in Redis, for fleets.

mod connection;
mod lock;
mod seal;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use redis::aio::ConnectionLike;
use redis::{ErrorKind, RedisError, ServerErrorKind, Value, cmd};

use super::error::StoreError;
use super::format::InvalidFormat;
use super::lock::StoreLock;
use super::session_store::{SessionStore, StoreFuture};
use super::stored::{StoredSession, milliseconds, since_1970};
use crate::api::jwt;
use crate::lifecycle::Identity;
pub use connection::RedisConnection;
use lock::RedisLock;
pub use seal::{InvalidSealingKey, SealingKey};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A lock whose holder has died is free after this long; a holder that lives renews it three times as often.
const LOCK_EXPIRY: Duration = Duration::from_secs(10);
const SHORTEST_LOCK: Duration = Duration::from_millis(100);
const LONGEST_LOCK: Duration = Duration::from_secs(20);
/// How long a logout is remembered at least: longer than any exchange that it must win over.
const SHORTEST_LOGOUT: Duration = DAY;
/// How long a logout is remembered that does not say: three times as long as a refresh token of the usual library lives.
const UNKNOWN_LOGOUT: Duration = DAY.saturating_mul(90);
/// How long tokens are stored whose refresh token has expired: this clock may be ahead, and the access token may live.
const EXPIRED: Duration = DAY;

/// The session, or 0 where it is larger than what is read.
const LOAD: &str = "
    local session = redis.call('HGET', KEYS[1], 'session')
    if session and #session > tonumber(ARGV[1]) then return 0 end
    return session";
/// Replaces the session if its generation is the one that is expected.
const SAVE: &str = "
    if (redis.call('HGET', KEYS[1], 'generation') or '0') ~= ARGV[1] then return 0 end
    redis.call('HSET', KEYS[1], 'generation', ARGV[2], 'session', ARGV[3])
    if ARGV[4] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
    return 1";

/// Shares a session through Redis or Valkey, for processes on many machines.
///
/// The session is one hash. A script compares its generation before it replaces it, so a process that lost the lock
/// (paused, cut off) overwrites nothing. A session expires with its refresh token, if the token says when; a logout
/// expires after every token that it ended. The lock is a key with an owner and an expiry of 10 seconds, which its
/// holder renews. The names of the keys hold the portal, the customer id and the email address. Earlier versions used
/// names without the customer id: a session under such a name is still read, with generation 0, and the next save moves
/// it.
///
/// ```no_run
/// use prancer_auth::store::{RedisStore, SealingKey};
/// use prancer_auth::{Credentials, Portal, Session};
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let portal = Portal::from_env()?;
/// let credentials = Credentials::from_env()?;
/// let identity = credentials.identity(&portal);
/// let key = SealingKey::from_base64(&std::env::var("SEALING_KEY")?)?;
/// let store = RedisStore::open("rediss://redis.example.com", &identity)?.sealed(key);
/// let session = Session::builder(portal).credentials(credentials).store(store).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RedisStore<C = RedisConnection> {
    connection: C,
    location: String,
    identity: Identity,
    prefix: String,
    sealing: Option<SealingKey>,
    accepts_unsealed: bool,
    lock_expiry: Duration,
}

impl RedisStore {
    /// A store at this URL (`redis://`, `rediss://`, `valkey://`, `valkeys://`, `redis+unix://`). Nothing is connected yet.
    ///
    /// Each tokio runtime opens its own connection when it first uses the store. It opens another one if the first
    /// breaks, or if its server turns out to be a demoted primary. The URL leads to one server, directly or by a host
    /// name; for a cluster, or for a primary that a sentinel names, use [`RedisStore::new`]. One command takes 3
    /// seconds at most, including the time to connect.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unavailable`] when the URL cannot be read.
    pub fn open(url: &str, identity: &Identity) -> Result<Self, StoreError> {
        let connection = RedisConnection::open(url);
        let connection = connection.map_err(|error| unavailable("open the Redis store", error))?;
        let location = connection.address();
        Ok(Self::new(connection, location, identity))
    }
}

impl<C> RedisStore<C> {
    /// A store on a connection of your own, such as one to a cluster, or to the primary that a sentinel names.
    /// `location` is its name for people. The connection itself decides when to reconnect, and on which runtimes it
    /// works.
    pub fn new(connection: C, location: impl Into<String>, identity: &Identity) -> Self {
        Self {
            connection,
            location: location.into(),
            identity: identity.clone(),
            prefix: "prancer-auth".to_owned(),
            sealing: None,
            accepts_unsealed: false,
            lock_expiry: LOCK_EXPIRY,
        }
    }

    /// Begins every key with this, by default `prancer-auth`.
    #[must_use]
    pub fn prefix(mut self, prefix: &str) -> Self {
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Encrypts ("seals") the session with this key: a reader of the Redis sees no token, and a writer cannot forge a
    /// session. A session that this key does not open is [`StoreError::Invalid`].
    #[must_use]
    pub fn sealed(mut self, key: SealingKey) -> Self {
        self.sealing = Some(key);
        self
    }

    /// Accepts an unsealed session although there is a key; the next save seals it. Use it only while a fleet changes
    /// over to sealing: meanwhile, anyone who can write to the Redis can put tokens there.
    #[must_use]
    pub fn accept_unsealed(mut self) -> Self {
        self.accepts_unsealed = true;
        self
    }

    /// How long the lock stays after its holder has died: by default 10 seconds, at least 100 milliseconds, at most 20
    /// seconds, because other processes wait 25 seconds for a lock at most.
    #[must_use]
    pub fn lock_expiry(mut self, expiry: Duration) -> Self {
        self.lock_expiry = expiry.clamp(SHORTEST_LOCK, LONGEST_LOCK);
        self
    }

    /// What the names of all keys begin with. A cluster places keys by what is in braces, so the session and its lock are on one node.
    pub(crate) fn name(&self) -> String {
        format!("{}:{{{}}}", self.prefix, self.identity)
    }

    /// The same before customers were told apart.
    fn legacy_name(&self) -> Option<String> {
        let Identity { portal, email, .. } = &self.identity;
        let email = email.as_ref()?;
        Some(format!("{}:{{{portal}|{email}}}", self.prefix))
    }

    pub(crate) fn read(&self, name: &str, stored: &[u8]) -> Result<StoredSession, InvalidFormat> {
        match &self.sealing {
            Some(key) if SealingKey::is_sealed(stored) => {
                StoredSession::from_json(&key.open(stored, name.as_bytes())?)
            }
            None if SealingKey::is_sealed(stored) => Err(InvalidFormat::Sealed),
            Some(_) if !self.accepts_unsealed => Err(InvalidFormat::Unsealed),
            _ => StoredSession::from_json(stored),
        }
    }

    fn written(&self, session: &StoredSession) -> Result<Vec<u8>, StoreError> {
        let json = session.to_json();
        match &self.sealing {
            Some(key) => key.seal(&json, self.name().as_bytes()),
            None => Ok(json.to_vec()),
        }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> RedisStore<C> {
    async fn load_from(&self, name: &str) -> Result<Option<StoredSession>, StoreError> {
        let mut load = cmd("EVAL");
        load.arg(LOAD).arg(1).arg(session_key(name));
        load.arg(StoredSession::LARGEST);
        let stored = load.query_async(&mut self.connection.clone()).await;
        let session = match stored {
            Ok(Value::Nil) => Ok(None),
            Ok(Value::BulkString(stored)) => self.read(name, &stored).map(Some),
            Ok(_) => Err(InvalidFormat::TooLarge),
            Err(error) => return Err(unavailable("load the session from Redis", error)),
        };
        let location = || format!("{name} at {}", self.location);
        session.map_err(|source| StoreError::invalid(location(), source))
    }

    async fn remove_from(&self, name: &str) -> Result<(), StoreError> {
        let mut remove = cmd("DEL");
        remove.arg(session_key(name));
        let removed = remove.query_async(&mut self.connection.clone()).await;
        removed.map_err(|error| unavailable("remove the session from Redis", error))
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> SessionStore for RedisStore<C> {
    fn location(&self) -> String {
        format!("{} at {}", self.name(), self.location)
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            match (self.load_from(&self.name()).await?, self.legacy_name()) {
                (None, Some(name)) => {
                    let session = self.load_from(&name).await?;
                    // As the generation of no session: the next save replaces nothing under the name of today.
                    Ok(session.map(|it| it.with_generation(0)))
                }
                (session, _) => Ok(session),
            }
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut save = cmd("EVAL");
            save.arg(SAVE).arg(1).arg(session_key(&self.name()));
            save.arg(expected).arg(session.generation);
            save.arg(self.written(session)?);
            save.arg(expiry(session).map_or(0, milliseconds));
            match save.query_async(&mut self.connection.clone()).await {
                Ok(true) => {}
                Ok(false) => return Err(StoreError::Conflict),
                Err(error) => return Err(unavailable("save the session in Redis", error)),
            }
            if let (0, Some(name)) = (expected, self.legacy_name()) {
                // Where that fails, the session is saved all the same, and is what is read.
                let _ = self.remove_from(&name).await;
            }
            Ok(())
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        Box::pin(async {
            if let Some(name) = self.legacy_name() {
                self.remove_from(&name).await?;
            }
            self.remove_from(&self.name()).await
        })
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            let key = format!("{}:lock", self.name());
            let lock = RedisLock::take(self.connection.clone(), key, self.lock_expiry).await;
            lock.map_err(|error| unavailable("lock the session in Redis", error))
        })
    }
}

fn session_key(name: &str) -> String {
    format!("{name}:session")
}

/// How long Redis stores the session, where that is known.
fn expiry(session: &StoredSession) -> Option<Duration> {
    // From now on, since the time of Redis may be another one.
    let now_ms = since_1970(SystemTime::now());
    match (&session.tokens, session.logout) {
        (Some(tokens), _) => {
            let end = jwt::times(tokens.refresh_token.expose())?.expires_at;
            let left = end.saturating_sub(Duration::from_millis(now_ms));
            let left = Some(left.min(jwt::LONGEST));
            left.filter(|it| milliseconds(*it) > 0).or(Some(EXPIRED))
        }
        (None, Some(logout)) if logout.until_ms < u64::MAX => {
            let left = logout.until_ms.saturating_sub(now_ms);
            Some(Duration::from_millis(left).clamp(SHORTEST_LOGOUT, jwt::LONGEST))
        }
        (None, _) => Some(UNKNOWN_LOGOUT),
    }
}

fn unavailable(action: &str, error: RedisError) -> StoreError {
    let ErrorKind::Server(ServerErrorKind::Moved | ServerErrorKind::Ask) = error.kind() else {
        return StoreError::unavailable(action, Arc::new(error));
    };
    let why = "it is one node of a cluster; bring a connection to the cluster (`RedisStore::new`)";
    StoreError::unavailable(action, why)
}
