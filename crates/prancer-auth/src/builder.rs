//! What a session is made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use prancer_auth_client::{Credential, http_client};

use crate::clock::{Clock, SystemClock};
use crate::credentials::Credentials;
use crate::engine::Engine;
use crate::error::Error;
use crate::exchange::Exchange;
use crate::portal::Portal;
use crate::session::Session;
use crate::stored::StoredSession;

/// How long a connection may take to come up. A portal that is far away takes less than one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an answer may pause. The portal's slowest known call takes seconds.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Makes a [`Session`]; [`Session::builder`] makes one of these.
///
/// ```
/// use prancer_auth::{Credentials, Portal, Session};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let portal = Portal::new("https://portal.prancer.io")?.with_tenant("customer1")?;
/// let session = Session::builder(portal)
///     .credentials(Credentials::new("user@example.com", "correct horse", "customer1"))
///     .user_agent("inventory/2.1".parse()?)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SessionBuilder {
    portal: Portal,
    credentials: Option<Credentials>,
    stored: Option<StoredSession>,
    user_agent: HeaderValue,
    http: Box<dyn Fn() -> reqwest::ClientBuilder>,
    clock: Arc<dyn Clock>,
}

impl SessionBuilder {
    pub(crate) fn new(portal: Portal) -> Self {
        Self {
            portal,
            credentials: None,
            stored: None,
            user_agent: HeaderValue::from_static(Credential::USER_AGENT),
            http: Box::new(|| {
                reqwest::Client::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .read_timeout(READ_TIMEOUT)
            }),
            clock: Arc::new(SystemClock),
        }
    }

    /// Logs in with these when there is no token, and again when the portal has ended the session.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Goes on with a session that was kept. It must be one of this portal, and of a known format.
    pub fn resume(mut self, stored: StoredSession) -> Self {
        self.stored = Some(stored);
        self
    }

    /// Sends this user agent; by default `prancer-auth/<version>`.
    pub fn user_agent(mut self, user_agent: HeaderValue) -> Self {
        self.user_agent = user_agent;
        self
    }

    /// Makes HTTP clients from this, which may bring a proxy, certificates or timeouts.
    ///
    /// The default gives up a connection after 10 seconds, and an answer that pauses for 30; a builder given here has the
    /// timeouts that it is given.
    ///
    /// It is called twice: login, refresh and logout have a client of their own, since they follow no redirect.
    pub fn http(mut self, http: impl Fn() -> reqwest::ClientBuilder + 'static) -> Self {
        self.http = Box::new(http);
        self
    }

    /// Tells the time by this clock; by default by the machine's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the session. Nothing is sent before the first token is asked for.
    ///
    /// # Errors
    ///
    /// [`Error::Http`] when the HTTP client cannot be set up; [`Error::OtherPortal`] and [`Error::InvalidToken`] when the
    /// stored session is none of this portal or cannot be used.
    pub fn build(self) -> Result<Session, Error> {
        let exchange = Exchange {
            portal: self.portal,
            http: http_client((self.http)()).map_err(Error::Http)?,
            user_agent: self.user_agent.clone(),
        };
        let requests = (self.http)()
            .user_agent(self.user_agent)
            .build()
            .map_err(Error::Http)?;
        let engine = Engine::new(exchange, self.credentials, self.stored, self.clock)?;
        Ok(Session::new(engine, requests))
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("portal", &self.portal)
            .finish_non_exhaustive()
    }
}
