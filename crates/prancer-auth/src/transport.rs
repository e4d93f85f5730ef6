//! The HTTP clients that sessions speak through, and share.

use std::sync::Arc;
use std::time::Duration;

use prancer_auth_client::http_client;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use url::Url;

use crate::error::Error;

/// How long a connection may take to come up. A portal that is far away takes less than one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may pause. The portal's slowest known call takes seconds.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
/// How many redirects a request follows, all of them within its tenant.
const REDIRECTS: usize = 10;

/// The HTTP clients that sessions speak through. Clones share their connections, so many sessions in one process share one pool.
///
/// Login, refresh and logout follow no redirect, and each has a connection of its own: they are a day apart. Other requests follow
/// redirects within their tenant; one that leads elsewhere is not followed, so neither a token nor a body gets there, and the
/// answer comes back as it is.
///
/// A connection lives on the runtime that opened it. A program with several current-thread runtimes gives each its own, so that
/// no request waits for a runtime that nobody runs at the moment.
///
/// ```
/// use prancer_auth::{Portal, Session, Transport};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Transport::new()?;
/// for tenant in ["customer1", "customer2"] {
///     let portal = Portal::new(Portal::PUBLIC)?.with_tenant(tenant)?;
///     let session = Session::builder(portal).transport(transport.clone()).build()?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Transport {
    pub(crate) exchanges: Client,
    pub(crate) requests: Client,
}

impl Transport {
    /// Clients that give up a connection after 5 seconds; login, refresh and logout give up an answer that pauses for 15.
    ///
    /// Other requests have no further timeout, as is reqwest's way, since only the caller knows how long one may take:
    /// [`RequestBuilder::timeout`](crate::RequestBuilder::timeout) sets one.
    ///
    /// # Errors
    ///
    /// [`Error::HttpClient`] when TLS cannot be set up.
    pub fn new() -> Result<Self, Error> {
        let connecting = || Client::builder().connect_timeout(CONNECT_TIMEOUT);
        Self::of(connecting().read_timeout(READ_TIMEOUT), connecting())
    }

    /// Clients of your own making, which bring their timeouts (without any, there are none), a proxy, certificates. Their
    /// policy of redirects is not used. `builder` is called once for the three calls, and once for other requests.
    ///
    /// # Errors
    ///
    /// [`Error::HttpClient`] when a client cannot be made.
    pub fn with(builder: impl Fn() -> ClientBuilder) -> Result<Self, Error> {
        Self::of(builder(), builder())
    }

    fn of(exchanges: ClientBuilder, requests: ClientBuilder) -> Result<Self, Error> {
        let failed = |error| Error::HttpClient(Arc::new(error));
        Ok(Self {
            exchanges: http_client(exchanges.pool_max_idle_per_host(0)).map_err(failed)?,
            requests: requests.redirect(within_tenant()).build().map_err(failed)?,
        })
    }
}

fn within_tenant() -> Policy {
    Policy::custom(|attempt| {
        let [first, ..] = attempt.previous() else {
            return attempt.follow();
        };
        if !may_follow(first, attempt.url()) {
            attempt.stop()
        } else if attempt.previous().len() > REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

/// Whether a token that went to one URL may go to another: same origin, and below the same path where `api/` comes.
fn may_follow(from: &Url, to: &Url) -> bool {
    let tenant = from
        .path()
        .find("/api/")
        .map_or("", |end| &from.path()[..=end]);
    from.origin() == to.origin() && to.path().starts_with(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_stays_with_its_tenant() {
        let from = Url::parse("https://portal.prancer.io/t/api/user/get").unwrap();
        let follows = |to| may_follow(&from, &Url::parse(to).unwrap());
        assert!(follows("https://portal.prancer.io/t/api/user/get/"));
        assert!(follows("https://portal.prancer.io:443/t/elsewhere"));
        for elsewhere in [
            "http://portal.prancer.io/t/api/user/get/",
            "https://portal.prancer.io:444/t/api/user/get/",
            "https://portal.prancer.io.evil.example/t/api/user/get/",
            "https://portal.prancer.io/other/api/user/get/",
            "https://portal.prancer.io/t2/api/user/get/",
            "https://portal.prancer.io/t/../other/",
        ] {
            assert!(!follows(elsewhere), "{elsewhere}");
        }
    }
}
