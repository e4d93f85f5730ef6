#![doc = include_str!("../README.md")]

mod answer;
#[cfg(feature = "blocking")]
pub mod blocking;
mod builder;
mod caller;
mod change;
mod clock;
mod company;
mod credentials;
mod engine;
mod envelope;
mod environment;
mod error;
#[cfg(test)]
mod every_order;
mod hub;
mod invalid_portal;
mod keeping;
mod kept;
#[doc(hidden)]
pub mod life;
mod lifetime;
mod logout;
mod memory;
#[cfg(feature = "middleware")]
mod middleware;
mod observer;
mod other_client;
mod portal;
mod published;
mod rejection;
mod request;
mod session;
mod shared;
mod status;
pub mod store;
mod sync;
mod ticket;
mod transport;
mod trouble;

pub use builder::SessionBuilder;
pub use change::Change;
pub use clock::Clock;
pub use credentials::Credentials;
pub use envelope::Envelope;
pub use environment::InvalidEnvironment;
pub use error::Error;
pub use invalid_portal::InvalidPortal;
pub use life::Now;
pub use portal::Portal;
pub use prancer_auth_client::{AccessToken, Password, RefreshToken};
pub use rejection::Rejection;
pub use request::RequestBuilder;
pub use session::Session;
pub use status::{Standing, Status};
pub use transport::Transport;
pub use trouble::Trouble;
