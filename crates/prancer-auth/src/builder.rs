//! What a session is made of.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderValue;
use prancer_auth_client::Credential;

use crate::caller::Caller;
use crate::change::Change;
use crate::clock::{Clock, SystemClock};
use crate::credentials::Credentials;
use crate::engine::{Engine, Outside};
use crate::error::Error;
use crate::hub::Hub;
use crate::keeping::Keeping;
use crate::kept::Kept;
use crate::life::Policy;
use crate::memory::Memory;
use crate::observer::Observer;
use crate::portal::Portal;
use crate::session::Session;
use crate::store::{SessionStore, StoredSession};
use crate::transport::Transport;

/// How long a call may wait for the portal, where nothing else is said.
///
/// Longer than the attempts of one exchange take together, so that whoever waits hears why the portal did not answer.
const DEADLINE: Duration = Duration::from_secs(60);

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
///     .on_change(|change| println!("{change:?}"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SessionBuilder {
    portal: Portal,
    credentials: Option<Credentials>,
    stored: Option<StoredSession>,
    store: Option<Arc<dyn SessionStore>>,
    user_agent: HeaderValue,
    transport: Option<Transport>,
    deadline: Duration,
    observer: Observer,
    clock: Option<Arc<dyn Clock>>,
}

impl SessionBuilder {
    pub(crate) fn new(portal: Portal) -> Self {
        Self {
            portal,
            credentials: None,
            stored: None,
            store: None,
            user_agent: HeaderValue::from_static(Credential::USER_AGENT),
            transport: None,
            deadline: DEADLINE,
            observer: Observer::default(),
            clock: None,
        }
    }

    /// Logs in with these when there is no token, and again when the portal has ended the session.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Shares the session with everybody who uses the same store: what one of them gets, all use, and a logout ends it for all.
    ///
    /// By default a session is this process's alone. Nothing is loaded before the first token is asked for.
    pub fn store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Goes on with tokens that the program has kept itself. They must be of this portal.
    pub fn resume(mut self, stored: StoredSession) -> Self {
        self.stored = Some(stored);
        self
    }

    /// Sends this user agent; by default `prancer-auth/<version>`.
    pub fn user_agent(mut self, user_agent: HeaderValue) -> Self {
        self.user_agent = user_agent;
        self
    }

    /// Speaks through these HTTP clients; by default through new ones, see [`Transport::new`].
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// How long a call may wait for a token, a login or a logout, by default 60 seconds.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Tells of every change, from the task that made it. It must not block; what takes long belongs in a task or a channel.
    pub fn on_change(mut self, on_change: impl Fn(&Change) + Send + Sync + 'static) -> Self {
        self.observer.on_change = Some(Arc::new(on_change));
        self
    }

    /// Tells the time by this clock; by default by the machine's.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Makes the session. Nothing is sent before the first token is asked for.
    ///
    /// # Errors
    ///
    /// [`Error::OtherPortal`], [`Error::LoggedOut`] and
    /// [`Error::StoredToken`] when the stored session is none of this portal or cannot be used.
    pub fn build(self) -> Result<Session, Error> {
        let policy = Policy::default();
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let mut memory = Memory::new(self.credentials, &policy);
        if let Some(stored) = self.stored {
            if stored.portal != self.portal.url().as_str() {
                return Err(Error::OtherPortal(stored.portal));
            }
            memory.email = stored.email.or(memory.email);
            let tokens = stored.tokens.ok_or(Error::LoggedOut)?;
            memory.resume(tokens, clock.now(), fastrand::f64(), &policy)?;
        }
        if self.store.is_some() {
            memory.kept = Some(Kept {
                unsaved: memory.tokens.is_some(),
                ..Kept::default()
            });
        }
        let transport = self.transport.unwrap_or_default();
        let engine = Engine {
            hub: Arc::new(Hub::new(policy, memory)),
            outside: Arc::new(Outside {
                caller: Caller {
                    portal: self.portal,
                    transport: transport.clone(),
                    user_agent: self.user_agent,
                },
                clock,
                observer: self.observer,
                keeping: self.store.map(Keeping::new),
            }),
            deadline: self.deadline,
        };
        Ok(Session::new(engine, transport))
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("portal", &self.portal)
            .finish_non_exhaustive()
    }
}
