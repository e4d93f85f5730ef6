//! A session for programs without a runtime, such as scripts.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use prancer_auth_client::AccessToken;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Runtime};

use crate::api::envelope::Envelope;
use crate::error::Error;
use crate::request::RequestBuilder;
use crate::session;
use crate::settings::credentials::Credentials;

/// A [session](session::Session) whose calls block the thread. It must not be used, nor dropped, within a tokio runtime.
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
/// let reply = session.send(session.get("user/get/"))?;
/// assert_eq!(reply.status, 200);
/// session.logout()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Session {
    session: session::Session,
    runtime: Arc<Runtime>,
}

/// An answer of the portal, read whole.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Reply {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Session {
    /// Makes the calls of `session` block. One thread in the background runs its exchanges.
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

    /// Starts a `GET` request; [`Self::send`] and [`Self::envelope`] send it.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.session.get(path)
    }

    /// Starts a `POST` request; [`Self::send`] and [`Self::envelope`] send it.
    pub fn post(&self, path: &str) -> RequestBuilder {
        self.session.post(path)
    }

    /// As [`RequestBuilder::send`], and reads the response.
    ///
    /// # Errors
    ///
    /// Those of [`RequestBuilder::send`].
    pub fn send(&self, request: RequestBuilder) -> Result<Reply, Error> {
        self.runtime.block_on(async {
            let response = request.send().await?;
            Ok(Reply {
                status: response.status(),
                headers: response.headers().clone(),
                body: response.bytes().await.map_err(Error::of_request)?.to_vec(),
            })
        })
    }

    /// As [`RequestBuilder::envelope`].
    ///
    /// # Errors
    ///
    /// Those of [`RequestBuilder::envelope`].
    pub fn envelope<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
    ) -> Result<Envelope<T>, Error> {
        self.runtime.block_on(request.envelope())
    }

    /// The session whose calls do not block: its status, its portal, what is kept of it.
    pub fn session(&self) -> &session::Session {
        &self.session
    }
}
