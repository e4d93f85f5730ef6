//! A session with the portal.

mod body;
pub(crate) mod builder;
pub(crate) mod replay;
pub(crate) mod request;
pub(crate) mod status;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use prancer_auth_client::AccessToken;

use crate::api::client::PortalClient;
use crate::engine::Engine;
use crate::engine::snapshot::TokenSnapshot;
use crate::error::Error;
use crate::settings::credentials::Credentials;
use crate::settings::portal::Portal;
use crate::store::StoredSession;
use body::BodyLimit;
use builder::SessionBuilder;
use request::RequestBuilder;
use status::Status;

/// A session with the portal: it hands out a valid access token whenever you ask.
///
/// It logs in when it must, renews when it must, and is cheap to clone; clones share everything.
///
/// ```
/// use prancer_auth::{Credentials, Portal, Session};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = prancer_auth_emulator::Emulator::start()?;
/// # let (url, password) = (emulator.url(), emulator.user().password.clone());
/// let credentials = Credentials::new("user@example.com", password, "customer1");
/// let session = Session::builder(Portal::new(&url)?).credentials(credentials).build()?;
///
/// let token = session.token().await?;
/// assert!(token.expose().starts_with("eyJ"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    pub(crate) engine: Arc<Engine>,
    pub(crate) client: Arc<PortalClient>,
    pub(crate) limit: BodyLimit,
}

impl Session {
    /// Starts to make a session with this portal.
    pub fn builder(portal: Portal) -> SessionBuilder {
        SessionBuilder::new(portal)
    }

    /// The portal of this session.
    pub fn portal(&self) -> &Portal {
        &self.client.portal
    }

    /// An access token that is good now. The session logs in or renews first if it must.
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`], [`Error::LoggedOut`], [`Error::SessionExpired`] and [`Error::CredentialsRejected`] ask for a
    /// login, and so do [`Error::OtherPortal`], [`Error::OtherCustomer`] and [`Error::OtherUser`]. [`Error::TryLater`] and
    /// [`Error::DeadlineExceeded`] mean that there is no token for now, [`Error::Store`] that the session could not be read, and
    /// [`Error::NoRuntime`] that a renewal needs a tokio runtime.
    ///
    /// # Cancellation
    ///
    /// Dropping a call does not cancel its exchange with the portal: that runs in its own task, and the next call gets
    /// its result. This holds for every call of a session.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        self.engine.good(|it| it.access.clone()).await
    }

    /// The same as a ready `Authorization` header, marked sensitive. Until the token's renewal is due, this takes no
    /// lock, allocates nothing and does not wait, except that each thread copies the header once for each token.
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::token`].
    pub async fn authorization(&self) -> Result<HeaderValue, Error> {
        self.engine.good(TokenSnapshot::authorization).await
    }

    /// An access token that is valid for at least `time`; it is renewed first if less is left.
    ///
    /// A renewal gives 24 hours, less the time that it takes. After a login, a token is good for up to 7 days.
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// [`Error::ShortLived`] when no token is good for so long, and those of [`Self::token`].
    pub async fn token_valid_for(&self, time: Duration) -> Result<AccessToken, Error> {
        self.engine.valid_for(time).await
    }

    /// Logs in now, with the credentials that the session holds. The new session replaces any other in the store.
    ///
    /// A failed login leaves the current tokens in use.
    ///
    /// Operation: `login`.
    ///
    /// # Errors
    ///
    /// [`Error::CredentialsRejected`] when they are wrong, [`Error::NoCredentials`] when there are none, and those of
    /// [`Self::token`].
    pub async fn login(&self) -> Result<(), Error> {
        self.engine.log_in(None).await
    }

    /// Logs in now, with these credentials, and holds them from then on. The new session replaces any other in the
    /// store.
    ///
    /// A failed login leaves the current tokens and credentials in use.
    ///
    /// Operation: `login`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::login`].
    pub async fn login_with(&self, credentials: Credentials) -> Result<(), Error> {
        self.engine.log_in(Some(credentials)).await
    }

    /// Renews the access token now. Note that a renewed token lives 24 hours, and a token from a login 7 days.
    ///
    /// Operation: `refresh`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::token`].
    pub async fn refresh(&self) -> Result<AccessToken, Error> {
        self.engine.renew().await
    }

    /// Logs out: the tokens are forgotten, and the portal ends them. A second logout writes to the
    /// store what the first one could not, but does not ask the portal again.
    ///
    /// It cancels a renewal in flight, and the session does not log in again by itself. With a store, it logs out every
    /// process that uses the store.
    ///
    /// Operation: `logout`, after `refresh` where the access token is no longer good.
    ///
    /// # Errors
    ///
    /// [`Error::LogoutFailed`], [`Error::LogoutRejected`] and [`Error::DeadlineExceeded`] when the portal did not end the session, and
    /// [`Error::Store`] when the logout could not be written to the store. The tokens are forgotten here all the same.
    /// [`Error::OtherPortal`], [`Error::OtherCustomer`] and [`Error::OtherUser`] when the store holds another identity's session, which is
    /// left as it is. [`Error::NoRuntime`] outside of a runtime; nothing is forgotten then.
    pub async fn logout(&self) -> Result<(), Error> {
        self.engine.log_out().await
    }

    /// Waits until nothing is in flight: no renewal, no logout, no write to the store. A program calls it before it ends, so that
    /// what its last call may have begun is not lost. The store's lock is free when it returns.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] when what the session has to save could not be saved, [`Error::DeadlineExceeded`] when it takes longer than the
    /// session's deadline, [`Error::NoRuntime`] outside of a runtime while something is in flight, and [`Error::OtherUser`] and its like when
    /// the store holds another identity's session. Call it within a runtime: outside, it does not write to the store.
    pub async fn settled(&self) -> Result<(), Error> {
        self.engine.settled().await
    }

    /// The session in a form that another process can resume, `None` when there are no tokens.
    pub fn stored(&self) -> Option<StoredSession> {
        self.engine.coordinator.update(|state| state.stored())
    }

    /// The state of the session now.
    pub fn status(&self) -> Status {
        Status::of(&self.engine)
    }

    /// Starts a `GET` request to an API of the portal; see [`Self::request`].
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Starts a `HEAD` request to an API of the portal; see [`Self::request`].
    pub fn head(&self, path: &str) -> RequestBuilder {
        self.request(Method::HEAD, path)
    }

    /// Starts a `POST` request to an API of the portal; see [`Self::request`].
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// Starts a `PUT` request to an API of the portal; see [`Self::request`].
    pub fn put(&self, path: &str) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    /// Starts a `PATCH` request to an API of the portal; see [`Self::request`].
    pub fn patch(&self, path: &str) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    /// Starts a `DELETE` request to an API of the portal; see [`Self::request`].
    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    /// Starts a request to an API of the portal.
    ///
    /// `user/get/` is relative to `api/`, and `/api/user/get/` to the tenant. A whole URL must be on this portal: a
    /// token goes nowhere else.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        RequestBuilder::new(self.clone(), method, path)
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("portal", self.portal())
            .finish_non_exhaustive()
    }
}
