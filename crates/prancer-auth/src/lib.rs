#![doc = include_str!("../README.md")]

mod answer;
mod builder;
mod clock;
mod company;
mod credentials;
mod decision;
mod engine;
mod envelope;
mod environment;
mod error;
mod exchange;
#[cfg(feature = "file")]
mod file_store;
#[cfg(feature = "file")]
mod file_store_error;
mod invalid_portal;
mod lifetime;
mod portal;
mod rejection;
mod request;
mod session;
mod state;
mod stored;

pub use builder::SessionBuilder;
pub use clock::{Clock, Now};
pub use credentials::Credentials;
pub use envelope::Envelope;
pub use environment::InvalidEnvironment;
pub use error::Error;
#[cfg(feature = "file")]
pub use file_store::FileStore;
#[cfg(feature = "file")]
pub use file_store_error::FileStoreError;
pub use invalid_portal::InvalidPortal;
pub use portal::Portal;
pub use prancer_auth_client::{AccessToken, Password, RefreshToken};
pub use rejection::Rejection;
pub use request::RequestBuilder;
pub use session::Session;
pub use stored::StoredSession;

/// The examples of the workspace's README, which are tests too.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct WorkspaceReadme;
