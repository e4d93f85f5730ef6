//! What a session is made of.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use http::HeaderValue;
use prancer_auth_client::Credential;

use crate::api::client::PortalClient;
use crate::api::transport::Transport;
use crate::engine::Engine;
use crate::engine::clock::{Clock, SystemClock};
use crate::engine::context::Context;
use crate::engine::coordinator::Coordinator;
use crate::engine::observer::Observer;
use crate::engine::session_state::SessionState;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{Identity, Policy};
use crate::session::Session;
use crate::session::body::BodyLimit;
use crate::settings::credentials::Credentials;
use crate::settings::portal::Portal;
use crate::store::{SessionStore, StoredSession};

/// How long a call may wait for the portal, where nothing else is said.
///
/// Longer than the attempts of one exchange take together, so that a waiting caller gets the portal's error, not a deadline.
const DEADLINE: Duration = Duration::from_secs(60);
/// What is read of a response, where nothing else is said: more than the portal's lists and reports have, less than a program's memory.
const LIMIT: BodyLimit = BodyLimit {
    size: 16 << 20,
    time: Duration::from_secs(60),
};

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
///     .on_event(|event| println!("{event}"))
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct SessionBuilder {
    client: PortalClient,
    credentials: Option<Credentials>,
    identity: Option<Identity>,
    stored: Option<StoredSession>,
    store: Option<Arc<dyn SessionStore>>,
    deadline: Duration,
    short_lived: bool,
    limit: BodyLimit,
    observer: Observer,
    clock: Arc<dyn Clock>,
}

impl SessionBuilder {
    pub(crate) fn new(portal: Portal) -> Self {
        Self {
            client: PortalClient {
                portal,
                transport: Transport::new(),
                user_agent: HeaderValue::from_static(Credential::USER_AGENT),
            },
            credentials: None,
            identity: None,
            stored: None,
            store: None,
            deadline: DEADLINE,
            short_lived: false,
            limit: LIMIT,
            observer: Observer::default(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Logs in with these when there is no token, and again when the portal has ended the session.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = Some(credentials);
        self
    }

    /// Accepts only a session of this customer and user. Use it for a session without credentials, because credentials
    /// already name both.
    ///
    /// By default a session without credentials belongs to the first user whose session it finds in its store.
    pub fn identity(mut self, identity: Identity) -> Self {
        self.identity = Some(identity);
        self
    }

    /// Shares the session with every process that uses the same store: all use the tokens that one of them gets, and a
    /// logout ends the session for all.
    ///
    /// By default a session is not shared. Nothing is loaded before the program asks for the first token.
    pub fn store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// Continues with tokens that the program has saved itself. They must belong to this portal, and to the user of the
    /// credentials.
    pub fn resume(mut self, stored: StoredSession) -> Self {
        self.stored = Some(stored);
        self
    }

    /// Sends this user agent; by default `prancer-auth/<version>`.
    pub fn user_agent(mut self, user_agent: HeaderValue) -> Self {
        self.client.user_agent = user_agent;
        self
    }

    /// Uses these HTTP clients; by default new ones, see [`Transport::new`].
    pub fn transport(mut self, transport: Transport) -> Self {
        self.client.transport = transport;
        self
    }

    /// How long a call may wait for a token, a login or a logout, by default 60 seconds; [`Duration::MAX`] is for ever.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// For a process that ends soon, such as a command. The session renews a token only when it is no longer good, so
    /// that no call waits for an early renewal. It asks the portal for tokens only if its store can save them, because
    /// otherwise they would be lost when the process ends; if it cannot, calls that need a new token
    /// fail with [`Error::TryLater`], whose source is [`TransientError::StoreUnavailable`].
    ///
    /// [`TransientError::StoreUnavailable`]: crate::TransientError::StoreUnavailable
    pub fn short_lived(mut self) -> Self {
        self.short_lived = true;
        self
    }

    /// How long a request may wait for its response, and [`RequestBuilder::envelope`](crate::RequestBuilder::envelope) for the body of it,
    /// by default 60 seconds each; [`Duration::MAX`] is for ever.
    ///
    /// The limit does not apply to a request with its own [timeout](crate::RequestBuilder::timeout), or to one whose
    /// body is a stream. A program may take any time to read a response piece by piece.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.limit.time = timeout;
        self
    }

    /// How much of a response [`RequestBuilder::envelope`](crate::RequestBuilder::envelope) reads, in bytes after
    /// decompression, by default 16 MiB.
    pub fn envelope_limit(mut self, bytes: usize) -> Self {
        self.limit.size = bytes;
        self
    }

    /// Calls this function, in place of an earlier one, with every event, in the task where the event happens. A panic in it
    /// is caught. It must not block: move slow work to
    /// another task, or use a channel.
    pub fn on_event(mut self, on_event: impl Fn(&SessionEvent) + Send + Sync + 'static) -> Self {
        self.observer.on_event = Some(Arc::new(on_event));
        self
    }

    /// Reads the time from this clock; by default from the machine's clock.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Makes the session. Nothing is sent before the first token is asked for.
    ///
    /// # Errors
    ///
    /// [`Error::OtherPortal`], [`Error::OtherCustomer`] and [`Error::OtherUser`] when the resumed session, the expected
    /// identity and the credentials do not agree. [`Error::LoggedOut`] and [`Error::StoredToken`] when the resumed
    /// session cannot be used.
    pub fn build(self) -> Result<Session, Error> {
        let policy = match self.short_lived {
            true => &Policy::SHORT_LIVED,
            false => &Policy::STANDARD,
        };
        let (portal, now) = (&self.client.portal, self.clock.now());
        let identity = match &self.credentials {
            Some(credentials) => credentials.identity(portal),
            None => Identity::new(portal.url().as_str()),
        };
        let identity = match &self.identity {
            Some(expected) if !expected.matches(&identity) => {
                return Err(Error::of_another(&identity, expected));
            }
            Some(expected) => identity.completed_by(expected),
            None => identity,
        };
        let shared = self.store.is_some();
        let mut state = SessionState::new(identity, self.credentials, shared, now, policy);
        if let Some(stored) = &self.stored {
            state.begin_with(stored, now)?;
        }
        let client = Arc::new(self.client);
        let context = Context {
            endpoint: Arc::clone(&client) as _,
            store: self.store,
            must_save: self.short_lived,
            clock: self.clock,
            observer: self.observer,
            policy,
        };
        let engine = Engine {
            coordinator: Arc::new(Coordinator::new(state, context)),
            patience: self.deadline,
            rejected_by: AtomicU64::default(),
        };
        Ok(Session {
            engine: Arc::new(engine),
            client,
            limit: self.limit,
        })
    }
}

impl fmt::Debug for SessionBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionBuilder")
            .field("portal", &self.client.portal)
            .finish_non_exhaustive()
    }
}
