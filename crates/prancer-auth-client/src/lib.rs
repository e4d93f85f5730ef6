#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod credential;
#[allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    reason = "written by the generator"
)]
mod generated;
mod hooks;
mod http_client;
mod secret;

pub use credential::Credential;
pub use generated::{ByteStream, Client, ClientInfo, Error, ResponseValue, types};
#[doc(no_inline)]
pub use http;
pub use http_client::http_client;
#[doc(no_inline)]
pub use reqwest;
pub use secret::{AccessToken, InvalidToken, Password, RefreshToken};
