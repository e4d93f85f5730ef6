//! Stores: where other processes and machines find the session.

#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
#[cfg(feature = "file")]
mod file;
mod format;
#[cfg(feature = "keyring")]
mod keyring;
mod lock;
mod memory;
#[cfg(any(feature = "file", feature = "keyring"))]
mod os_lock;
mod polling;
#[cfg(feature = "redis")]
mod redis;
mod session_store;
mod stored;

pub use error::StoreError;
#[cfg(feature = "file")]
pub use file::FileStore;
pub use format::InvalidFormat;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use lock::StoreLock;
pub use memory::MemoryStore;
#[cfg(feature = "redis")]
pub use redis::{InvalidSealingKey, RedisConnection, RedisStore, SealingKey};
pub use session_store::{SessionStore, StoreFuture};
pub(crate) use stored::milliseconds;
pub use stored::{StoredLogout, StoredRejection, StoredSession, StoredTokens};
