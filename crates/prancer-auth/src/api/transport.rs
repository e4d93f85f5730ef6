//! The HTTP clients that sessions speak through, and share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prancer_auth_client::http_client;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use tokio::runtime::{Handle, Id};
use url::Url;

use crate::error::Error;

/// How long a connection may take to come up. A portal that is far away takes less than one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many redirects a request follows, all of them within its tenant.
const REDIRECTS: usize = 10;
/// How many runtimes keep connections for their next requests.
const RUNTIMES: usize = 8;

/// The HTTP clients that sessions speak through. Clones share their connections, so many sessions in one process share one pool.
///
/// Login, refresh and logout follow no redirect, and each has a connection of its own: they are a day apart. Other requests follow
/// redirects within their tenant; one that leads elsewhere is not followed, so neither a token nor a body gets there, and the
/// response comes back as it is.
///
/// A connection belongs to the runtime that opened it, and no other runtime uses it: one that has ended, or is not run at the
/// moment, fails or delays nobody else's request. The eight runtimes that used the transport last have a pool each, from their
/// second request on; the first one has it at once.
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
#[derive(Clone)]
pub struct Transport {
    inner: Arc<Inner>,
}

struct Inner {
    builder: Box<dyn Fn() -> ClientBuilder + Send + Sync>,
    clients: Mutex<Clients>,
}

/// Made when they are first used: to read the machine's certificates takes longer than all that a good token needs. One that cannot
/// be made is tried again at the next use.
#[derive(Default)]
struct Clients {
    /// For login, refresh and logout.
    exchanges: Option<Client>,
    /// For other requests of runtimes that have no pool; it reuses no connection.
    unpooled: Option<Client>,
    /// For other requests, by runtime; the one that was used last is at the end.
    pools: Vec<(Id, Option<Client>)>,
}

type Made = Result<Client, Arc<reqwest::Error>>;

impl Transport {
    /// Clients that give up a connection after 5 seconds. Login, refresh and logout take 15 seconds at most.
    ///
    /// They are made when they are first used. Other requests have no further timeout, as is reqwest's way, since only the caller
    /// knows how long one may take: [`RequestBuilder::timeout`](crate::RequestBuilder::timeout) sets one.
    pub fn new() -> Self {
        Self::of(|| Client::builder().connect_timeout(CONNECT_TIMEOUT))
    }

    /// Clients of your own making, with timeouts, a proxy, certificates. Their policy of redirects is not used. `builder` is called
    /// for every client: one for login, refresh and logout, which is made now, and one for each runtime that sends other requests.
    ///
    /// # Errors
    ///
    /// [`Error::HttpClient`] when the client cannot be made.
    pub fn with(
        builder: impl Fn() -> ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let transport = Self::of(builder);
        transport.exchanges().map_err(Error::HttpClient)?;
        Ok(transport)
    }

    fn of(builder: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        let inner = Inner {
            builder: Box::new(builder),
            clients: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    /// The client for login, refresh and logout.
    pub(crate) fn exchanges(&self) -> Made {
        let builder = || (self.inner.builder)().pool_max_idle_per_host(0);
        let exchanges = &mut self.clients().exchanges;
        made(exchanges, || http_client(builder()))
    }

    /// The client for other requests of this runtime.
    pub(crate) fn requests(&self) -> Made {
        let builder = || (self.inner.builder)().redirect(within_tenant());
        let mut clients = self.clients();
        let runtime = Handle::try_current().map(|runtime| runtime.id());
        match runtime.ok().and_then(|runtime| clients.pool(runtime)) {
            Some(pool) => made(pool, || builder().build()),
            None => made(&mut clients.unpooled, || {
                builder().pool_max_idle_per_host(0).build()
            }),
        }
    }

    fn clients(&self) -> MutexGuard<'_, Clients> {
        let clients = self.inner.clients.lock();
        clients.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clients {
    /// The pool of a runtime that has used the transport before, or is the first to use it.
    fn pool(&mut self, runtime: Id) -> Option<&mut Option<Client>> {
        let first = self.pools.is_empty();
        let known = self.pools.iter().position(|(id, _)| *id == runtime);
        match known {
            Some(known) => self.pools[known..].rotate_left(1),
            None => {
                if self.pools.len() == RUNTIMES {
                    self.pools.remove(0);
                }
                self.pools.push((runtime, None));
            }
        }
        let (_, pool) = self.pools.last_mut()?;
        (first || known.is_some()).then_some(pool)
    }
}

impl Default for Transport {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport(..)")
    }
}

/// The client, made now if there is none yet.
fn made(client: &mut Option<Client>, make: impl FnOnce() -> reqwest::Result<Client>) -> Made {
    match client {
        Some(client) => Ok(client.clone()),
        None => Ok(client.insert(make()?).clone()),
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
