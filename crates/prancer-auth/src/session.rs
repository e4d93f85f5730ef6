//! A session with the portal.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, Method};
use prancer_auth_client::AccessToken;

use crate::builder::SessionBuilder;
use crate::credentials::Credentials;
use crate::engine::Engine;
use crate::error::Error;
use crate::life::Demand;
use crate::portal::Portal;
use crate::published::Published;
use crate::request::RequestBuilder;
use crate::status::Status;
use crate::store::StoredSession;
use crate::transport::Transport;

/// A session with the portal: ask it for a token and have one that is good.
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
    pub(crate) transport: Transport,
}

impl Session {
    /// Starts to make a session with this portal.
    pub fn builder(portal: Portal) -> SessionBuilder {
        SessionBuilder::new(portal)
    }

    pub(crate) fn new(engine: Engine, transport: Transport) -> Self {
        Self {
            engine: Arc::new(engine),
            transport,
        }
    }

    /// The portal that this is a session with.
    pub fn portal(&self) -> &Portal {
        &self.engine.outside.caller.portal
    }

    /// An access token that is good now. It logs in or renews first where it must.
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`], [`Error::LoggedOut`], [`Error::SessionExpired`] and [`Error::CredentialsRefused`] ask for a
    /// login; [`Error::TryLater`] and [`Error::DeadlineExceeded`] are the portal's trouble.
    ///
    /// # Cancellation
    ///
    /// A call that is dropped takes nothing with it: an exchange runs on in a task of its own, and the next call finds what it
    /// brought. That holds for every call of a session.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        self.engine.good(|it| it.access.clone()).await
    }

    /// The same as a ready `Authorization` header, marked sensitive. Until the token's renewal is due, this takes no lock, allocates
    /// nothing and does not wait (but for a copy of the header that a thread makes once for a token).
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::token`].
    pub async fn authorization(&self) -> Result<HeaderValue, Error> {
        self.engine.good(Published::authorization).await
    }

    /// An access token that is good for so long at least. It is renewed unless so much is left.
    ///
    /// No more can be had than a renewal gives, which is 24 hours: who asks for nearly that much or more gets a token that
    /// is younger than a tenth of its life, or one that lives longer than a renewed one would.
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::token`].
    pub async fn token_valid_for(&self, time: Duration) -> Result<AccessToken, Error> {
        let published = self.engine.grant(Demand::ValidFor(time)).await?;
        Ok(published.access.clone())
    }

    /// Logs in now, with the credentials that the session holds.
    ///
    /// Operation: `login`.
    ///
    /// # Errors
    ///
    /// [`Error::CredentialsRefused`] when they are wrong, [`Error::NoCredentials`] when there are none, and those of
    /// [`Self::token`].
    pub async fn login(&self) -> Result<(), Error> {
        self.engine.log_in(None).await.map(drop)
    }

    /// Logs in now, with these credentials, and holds them from now on.
    ///
    /// Operation: `login`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::login`].
    pub async fn login_with(&self, credentials: Credentials) -> Result<(), Error> {
        self.engine.log_in(Some(credentials)).await.map(drop)
    }

    /// Renews the access token now. Note that a renewed token lives 24 hours, and that of a login 7 days.
    ///
    /// Operation: `refresh`.
    ///
    /// # Errors
    ///
    /// Those of [`Self::token`].
    pub async fn refresh(&self) -> Result<AccessToken, Error> {
        Ok(self.engine.renew().await?.access.clone())
    }

    /// Logs out: the tokens are forgotten, and the portal ends them. A second logout does nothing.
    ///
    /// A renewal that is under way is void from then on, and nothing logs in again by itself.
    ///
    /// Operation: `logout`, after `refresh` where the access token is no longer good.
    ///
    /// # Errors
    ///
    /// [`Error::LogoutFailed`], [`Error::LogoutRefused`] and [`Error::DeadlineExceeded`] when the portal did not end the session. The
    /// tokens are forgotten all the same. [`Error::NoRuntime`] outside of a runtime; nothing is forgotten then.
    pub async fn logout(&self) -> Result<(), Error> {
        self.engine.log_out().await
    }

    /// Waits until no exchange with the portal is under way. A program that is about to end waits for the renewal that
    /// its last call may have begun behind, so that what it brings is not lost.
    ///
    /// # Errors
    ///
    /// [`Error::DeadlineExceeded`] when it takes longer than the session's deadline, [`Error::NoRuntime`] outside of a runtime.
    pub async fn settled(&self) -> Result<(), Error> {
        self.engine.settled().await
    }

    /// The session as another process can go on with it, `None` when there are no tokens.
    pub fn stored(&self) -> Option<StoredSession> {
        self.engine.hub.look(|memory| memory.stored(self.portal()))
    }

    /// How the session stands.
    pub fn status(&self) -> Status {
        self.engine.status()
    }

    /// Starts a `GET` request to an API of the portal; see [`Self::request`].
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
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
    /// `user/get/` is meant below `api/`, and `/api/user/get/` below the tenant. A whole URL must be one of this portal:
    /// a token goes nowhere else.
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
