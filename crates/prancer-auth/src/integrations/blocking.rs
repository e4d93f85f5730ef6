//! A session for programs without a runtime, such as scripts.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use prancer_auth_client::AccessToken;
use tokio::runtime::{Builder, Runtime};

use crate::error::Error;
use crate::session;
use crate::session::status::Status;
use crate::settings::credentials::Credentials;

pub use super::blocking_request::{RequestBuilder, Response};

/// A [session](session::Session) whose calls block the thread. Do not use it or drop it within a tokio runtime.
///
/// ```
/// use prancer_auth::{Credentials, Portal, Session, blocking};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = prancer_auth_emulator::Emulator::start()?;
/// # let (url, password) = (emulator.url(), emulator.user().password.clone());
/// let credentials = Credentials::new("user@example.com", password, "customer1");
/// let session = Session::builder(Portal::new(&url)?).credentials(credentials).build()?;
/// let session = blocking::Session::new(session)?;
///
/// println!("{} bytes of token", session.token()?.expose().len());
/// let response = session.get("user/get/").send()?;
/// assert_eq!(response.status(), 200);
/// let user = session.get("user/get/").envelope::<serde_json::Value>()?.data;
/// session.logout()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    session: session::Session,
    runtime: Arc<Runtime>,
}

impl Session {
    /// Wraps `session`, so that its calls block. A background thread runs its exchanges with the portal.
    ///
    /// # Errors
    ///
    /// The thread cannot be started.
    pub fn new(session: session::Session) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("prancer-auth")
            .enable_all()
            .build()?;
        Ok(Self {
            session,
            runtime: Arc::new(runtime),
        })
    }

    /// As [`session::Session::token`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::token`].
    pub fn token(&self) -> Result<AccessToken, Error> {
        self.runtime.block_on(self.session.token())
    }

    /// As [`session::Session::token_valid_for`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::token_valid_for`].
    pub fn token_valid_for(&self, time: Duration) -> Result<AccessToken, Error> {
        self.runtime.block_on(self.session.token_valid_for(time))
    }

    /// As [`session::Session::login`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::login`].
    pub fn login(&self) -> Result<(), Error> {
        self.runtime.block_on(self.session.login())
    }

    /// As [`session::Session::login_with`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::login_with`].
    pub fn login_with(&self, credentials: Credentials) -> Result<(), Error> {
        self.runtime.block_on(self.session.login_with(credentials))
    }

    /// As [`session::Session::refresh`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::refresh`].
    pub fn refresh(&self) -> Result<AccessToken, Error> {
        self.runtime.block_on(self.session.refresh())
    }

    /// As [`session::Session::logout`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::logout`].
    pub fn logout(&self) -> Result<(), Error> {
        self.runtime.block_on(self.session.logout())
    }

    /// Starts a `GET` request to an API of the portal; see [`session::Session::request`].
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    /// Starts a `HEAD` request to an API of the portal; see [`session::Session::request`].
    pub fn head(&self, path: &str) -> RequestBuilder {
        self.request(Method::HEAD, path)
    }

    /// Starts a `POST` request to an API of the portal; see [`session::Session::request`].
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.request(Method::POST, path)
    }

    /// Starts a `PUT` request to an API of the portal; see [`session::Session::request`].
    pub fn put(&self, path: &str) -> RequestBuilder {
        self.request(Method::PUT, path)
    }

    /// Starts a `PATCH` request to an API of the portal; see [`session::Session::request`].
    pub fn patch(&self, path: &str) -> RequestBuilder {
        self.request(Method::PATCH, path)
    }

    /// Starts a `DELETE` request to an API of the portal; see [`session::Session::request`].
    pub fn delete(&self, path: &str) -> RequestBuilder {
        self.request(Method::DELETE, path)
    }

    /// Starts a request to an API of the portal; see [`session::Session::request`].
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        RequestBuilder {
            request: self.session.request(method, path),
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// As [`session::Session::settled`].
    ///
    /// # Errors
    ///
    /// Those of [`session::Session::settled`].
    pub fn settled(&self) -> Result<(), Error> {
        self.runtime.block_on(self.session.settled())
    }

    /// As [`session::Session::status`].
    pub fn status(&self) -> Status {
        self.session.status()
    }

    /// The session whose calls do not block: its status, its portal, how it can be stored.
    pub fn session(&self) -> &session::Session {
        &self.session
    }
}
