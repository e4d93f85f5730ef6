//! The HTTP clients that sessions speak through, and share.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prancer_auth_client::http_client;
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use tokio::runtime::{Handle, Id};

use crate::settings::portal::Portal;

/// How long a connection may take to come up. A portal that is far away takes less than one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many redirects a request follows, all of them within its portal.
const REDIRECTS: usize = 10;
/// How many runtimes keep connections for their next requests.
const RUNTIMES: usize = 8;
/// Whether this crate has brought TLS along.
const TLS: bool = cfg!(any(feature = "rustls", feature = "native-tls"));

tokio::task_local! {
    /// The portal whose token the request carries that is being sent.
    static PORTAL: Portal;
}

/// The HTTP clients that sessions use. Clones share their connections, so many sessions in one process share one pool.
///
/// Login, refresh and logout follow no redirect. Each uses a new connection, since they are about a day apart. Other
/// requests follow a redirect only to a URL that the session's own requests may go to. A redirect to any other URL is
/// returned as the response, so neither a token nor a body gets there.
///
/// Requests to a portal at `http://` stay on this machine: they use no proxy and need no certificates. Encrypted
/// requests use the proxies of the environment, unless this crate is built without TLS.
///
/// A connection belongs to the runtime that opened it, and no other runtime uses it. So a runtime that has ended, or
/// does not run at the moment, makes no request of another runtime fail or wait. The eight runtimes that used the
/// transport last each have a pool. A runtime gets its pool with its second request; the first runtime gets it at once.
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
    builder: Arc<dyn Fn() -> ClientBuilder + Send + Sync>,
    /// For encrypted portals, and for those on this machine that are not.
    clients: Arc<[Mutex<Clients>; 2]>,
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

impl Transport {
    /// Clients with TLS 1.2 or newer and a connect timeout of 5 seconds, made when they are first used.
    ///
    /// With every transport, one attempt of login, refresh or logout takes at most 15 seconds;
    /// [`SessionBuilder::request_timeout`](crate::SessionBuilder::request_timeout) limits other requests.
    pub fn new() -> Self {
        Self::of(|| {
            let builder = Client::builder().connect_timeout(CONNECT_TIMEOUT);
            // Whatever the machine's library would still speak.
            #[cfg(any(feature = "rustls", feature = "native-tls"))]
            let builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
            builder
        })
    }

    /// Clients of your own making, with timeouts, a proxy, certificates, a lowest version of TLS. Their policy of redirects is not used, and their proxies are
    /// not for portals at `http://`. `builder` is called for every client: one now, which shows whether one can be made; one for login,
    /// refresh and logout; and one for each runtime that sends other requests.
    ///
    /// # Errors
    ///
    /// What the HTTP client says when it cannot be made.
    pub fn with(
        builder: impl Fn() -> ClientBuilder + Send + Sync + 'static,
    ) -> reqwest::Result<Self> {
        let transport = Self::of(builder);
        // One that needs no certificates, which a portal on this machine can do without.
        transport.builder(true).build()?;
        Ok(transport)
    }

    fn of(builder: impl Fn() -> ClientBuilder + Send + Sync + 'static) -> Self {
        Self {
            builder: Arc::new(builder),
            clients: Arc::default(),
        }
    }

    /// The client for login, refresh and logout.
    pub(crate) fn exchanges(&self, portal: &Portal) -> reqwest::Result<Client> {
        let builder = || self.builder(portal.is_plain()).pool_max_idle_per_host(0);
        let exchanges = &mut self.clients(portal).exchanges;
        made(exchanges, || http_client(builder()))
    }

    /// The client for other requests of this runtime, which are to be sent [within](Self::within) a portal.
    pub(crate) fn requests(&self, portal: &Portal) -> reqwest::Result<Client> {
        let builder = || self.builder(portal.is_plain()).redirect(within_portal());
        let mut clients = self.clients(portal);
        let runtime = Handle::try_current().map(|runtime| runtime.id());
        match runtime.ok().and_then(|runtime| clients.pool(runtime)) {
            Some(pool) => made(pool, || builder().build()),
            None => made(&mut clients.unpooled, || {
                builder().pool_max_idle_per_host(0).build()
            }),
        }
    }

    /// Some client, to make a request with that another may send: one that there is, if there is one.
    pub(crate) fn any(&self, portal: &Portal) -> reqwest::Result<Client> {
        let clients = self.clients(portal);
        let pools = clients.pools.iter().filter_map(|(_, pool)| pool.as_ref());
        let others = clients.unpooled.iter().chain(&clients.exchanges);
        let made = pools.chain(others).next().cloned();
        drop(clients);
        made.map_or_else(|| self.requests(portal), Ok)
    }

    /// Sends what `send` sends, which follows redirects within this portal.
    pub(crate) async fn within<T>(portal: &Portal, send: impl Future<Output = T>) -> T {
        PORTAL.scope(portal.clone(), send).await
    }

    fn builder(&self, plain: bool) -> ClientBuilder {
        let builder = (self.builder)();
        if TLS && !plain {
            return builder;
        }
        // Does not read the certificates of the machine, which may have none.
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let builder = builder.tls_certs_only([]);
        // Without TLS, a proxy would get in the clear what was to be encrypted.
        builder.no_proxy()
    }

    fn clients(&self, portal: &Portal) -> MutexGuard<'_, Clients> {
        let clients = self.clients[usize::from(portal.is_plain())].lock();
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
fn made(
    client: &mut Option<Client>,
    make: impl FnOnce() -> reqwest::Result<Client>,
) -> reqwest::Result<Client> {
    match client {
        Some(client) => Ok(client.clone()),
        None => Ok(client.insert(make()?).clone()),
    }
}

/// Follows redirects to where the portal's token may go, and none where it is not known whose token a request carries.
fn within_portal() -> Policy {
    Policy::custom(|attempt| {
        let ours = PORTAL.try_with(|portal| portal.owns(attempt.url()));
        if !ours.unwrap_or(false) {
            attempt.stop()
        } else if attempt.previous().len() > REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_shows_nothing_of_what_it_was_made_with() {
        assert_eq!(format!("{:?}", Transport::new()), "Transport(..)");
    }
}
