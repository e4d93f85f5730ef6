//! The portal's API: the three calls through the generated client, and what comes back.

pub(crate) mod client;
pub(crate) mod envelope;
pub(crate) mod jwt;
pub(crate) mod log;
pub(crate) mod patience;
pub(crate) mod plain_text;
pub(crate) mod plain_time;
pub(crate) mod rejection;
pub(crate) mod response;
pub(crate) mod stale_connection;
pub(crate) mod tokens;
pub(crate) mod transient_error;
pub(crate) mod transport;
