//! The HTTP client that login, refresh and logout go through.

use std::time::Duration;

use reqwest::redirect::Policy;

/// How long a call may take to connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Makes a [`reqwest::Client`] that is fit for the three calls: it follows no redirect.
///
/// A redirect would carry a password or a token to where it leads. Everything else is the caller's: `builder` may
/// bring a proxy, certificates or timeouts. A connection is given up after 10 seconds.
///
/// # Errors
///
/// What [`reqwest::ClientBuilder::build`] says, for example when TLS cannot be set up.
pub fn http_client(builder: reqwest::ClientBuilder) -> reqwest::Result<reqwest::Client> {
    builder
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .build()
}
