#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod engine;
mod error;
mod event;
#[cfg(test)]
mod fuzz;
mod integrations;
#[doc(hidden)]
pub mod lifecycle;
mod session;
mod settings;
pub mod store;

pub use api::envelope::Envelope;
pub use api::rejection::Rejection;
pub use api::transient_error::TransientError;
pub use api::transport::Transport;
pub use engine::clock::Clock;
pub use error::Error;
pub use event::SessionEvent;
#[doc(no_inline)]
pub use http;
#[cfg(feature = "blocking")]
pub use integrations::blocking;
pub use lifecycle::{Identity, Now, State};
pub use prancer_auth_client::{AccessToken, Password, RefreshToken};
#[doc(no_inline)]
pub use reqwest;
pub use session::Session;
pub use session::builder::SessionBuilder;
pub use session::request::RequestBuilder;
pub use session::status::Status;
pub use settings::credentials::Credentials;
pub use settings::environment::InvalidEnvironment;
pub use settings::invalid_portal::InvalidPortal;
pub use settings::portal::Portal;
