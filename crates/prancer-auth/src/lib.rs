#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod api;
mod builder;
mod engine;
mod error;
mod event;
#[cfg(test)]
mod fuzz;
mod integrations;
#[doc(hidden)]
pub mod lifecycle;
mod replay;
mod request;
mod session;
mod settings;
mod status;
pub mod store;

pub use api::envelope::Envelope;
pub use api::rejection::Rejection;
pub use api::transient_error::TransientError;
pub use api::transport::Transport;
pub use builder::SessionBuilder;
pub use engine::clock::Clock;
pub use error::Error;
pub use event::SessionEvent;
#[doc(no_inline)]
pub use http;
#[cfg(feature = "blocking")]
pub use integrations::blocking;
pub use lifecycle::{Identity, Now, State};
pub use prancer_auth_client::{AccessToken, Password, RefreshToken};
pub use request::RequestBuilder;
#[doc(no_inline)]
pub use reqwest;
pub use session::Session;
pub use settings::credentials::Credentials;
pub use settings::environment::InvalidEnvironment;
pub use settings::invalid_portal::InvalidPortal;
pub use settings::portal::Portal;
pub use status::Status;
