//! Sessions in other forms: blocking, as a middleware, and in the hooks of other generated clients.

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "blocking")]
mod blocking_request;
#[cfg(feature = "middleware")]
mod middleware;
mod other_client;
