//! A session with the portal.

use std::fmt;
use std::sync::Arc;

use http::Method;
use prancer_auth_client::AccessToken;

use crate::builder::SessionBuilder;
use crate::credentials::Credentials;
use crate::engine::Engine;
use crate::error::Error;
use crate::portal::Portal;
use crate::request::RequestBuilder;
use crate::stored::StoredSession;

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
    pub(crate) requests: reqwest::Client,
}

impl Session {
    /// Starts to make a session with this portal.
    pub fn builder(portal: Portal) -> SessionBuilder {
        SessionBuilder::new(portal)
    }

    pub(crate) fn new(engine: Engine, requests: reqwest::Client) -> Self {
        Self {
            engine: Arc::new(engine),
            requests,
        }
    }

    /// The portal that this is a session with.
    pub fn portal(&self) -> &Portal {
        self.engine.portal()
    }

    /// An access token that is good now. It logs in or renews first where it must.
    ///
    /// Operations: `login`, `refresh`.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`], [`Error::LoggedOut`], [`Error::SessionExpired`] and [`Error::CredentialsRefused`] ask for a
    /// login; [`Error::Unavailable`], [`Error::Unreachable`] and [`Error::Unreadable`] are the portal's trouble.
    pub async fn token(&self) -> Result<AccessToken, Error> {
        Ok(self.engine.grant().await?.access)
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
        Ok(self.engine.renew().await?.access)
    }

    /// Logs out: the tokens are forgotten, and the portal ends them. A second logout does nothing.
    ///
    /// Operation: `logout`, after `refresh` where the access token has expired.
    ///
    /// # Errors
    ///
    /// What the portal said when it did not end the session. The tokens are forgotten all the same.
    pub async fn logout(&self) -> Result<(), Error> {
        self.engine.log_out().await
    }

    /// The session as another process can go on with it, `None` when there are no tokens.
    pub async fn stored(&self) -> Option<StoredSession> {
        self.engine.stored().await
    }

    /// Starts a `GET` request to an API of the portal; see [`Self::request`].
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Starts a `POST` request to an API of the portal; see [`Self::request`].
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
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
