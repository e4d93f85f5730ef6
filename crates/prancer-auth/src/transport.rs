//! The HTTP clients that sessions speak through, and share.

use std::sync::{Arc, OnceLock};
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
/// let transport = Transport::new();
/// for tenant in ["customer1", "customer2"] {
///     let portal = Portal::new(Portal::PUBLIC)?.with_tenant(tenant)?;
///     let session = Session::builder(portal).transport(transport.clone()).build()?;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Transport {
    clients: Arc<Clients>,
}

/// Made when they are first used: to read the machine's certificates takes longer than all that a good token needs.
#[derive(Debug, Default)]
struct Clients {
    exchanges: OnceLock<Made>,
    requests: OnceLock<Made>,
}

type Made = Result<Client, Arc<reqwest::Error>>;

impl Transport {
    /// Clients that give up a connection after 5 seconds; login, refresh and logout give up an answer that pauses for 15.
    ///
    /// They are made when they are first used. Other requests have no further timeout, as is reqwest's way, since only the caller
    /// knows how long one may take: [`RequestBuilder::timeout`](crate::RequestBuilder::timeout) sets one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Clients of your own making, which bring their timeouts (without any, there are none), a proxy, certificates. Their
    /// policy of redirects is not used. `builder` is called once for the three calls, and once for other requests.
    ///
    /// # Errors
    ///
    /// [`Error::HttpClient`] when a client cannot be made.
    pub fn with(builder: impl Fn() -> ClientBuilder) -> Result<Self, Error> {
        let failed = |error| Error::HttpClient(Arc::new(error));
        let exchanges = exchanges(builder()).map_err(failed)?;
        let requests = requests(builder()).map_err(failed)?;
        let clients = Clients {
            exchanges: OnceLock::from(Ok(exchanges)),
            requests: OnceLock::from(Ok(requests)),
        };
        Ok(Self {
            clients: Arc::new(clients),
        })
    }

    /// The client for login, refresh and logout.
    pub(crate) fn exchanges(&self) -> Result<&Client, Arc<reqwest::Error>> {
        let make = || exchanges(connecting().read_timeout(READ_TIMEOUT)).map_err(Arc::new);
        let made = self.clients.exchanges.get_or_init(make).as_ref();
        made.map_err(Arc::clone)
    }

    /// The client for other requests.
    pub(crate) fn requests(&self) -> Result<&Client, Error> {
        let make = || requests(connecting()).map_err(Arc::new);
        let made = self.clients.requests.get_or_init(make).as_ref();
        made.map_err(|error| Error::HttpClient(Arc::clone(error)))
    }
}

fn connecting() -> ClientBuilder {
    Client::builder().connect_timeout(CONNECT_TIMEOUT)
}

fn exchanges(builder: ClientBuilder) -> reqwest::Result<Client> {
    http_client(builder.pool_max_idle_per_host(0))
}

fn requests(builder: ClientBuilder) -> reqwest::Result<Client> {
    builder.redirect(within_tenant()).build()
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
