#![doc = include_str!("../README.md")]

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
pub use http_client::http_client;
pub use secret::{AccessToken, InvalidToken, Password, RefreshToken};
