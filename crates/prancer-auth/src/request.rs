//! A request that carries the session's token.

use std::time::Duration;

use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::{Body, Client, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::envelope::Envelope;
use crate::api::log::Sent;
use crate::api::rejection::Rejection;
use crate::api::response;
use crate::engine::snapshot::TokenSnapshot;
use crate::error::Error;
use crate::session::Session;

/// A request to an API of the portal, in the making; [`Session::request`] starts one.
///
/// ```
/// use prancer_auth::{Credentials, Envelope, Portal, Session};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct User {
///     email: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = prancer_auth_emulator::Emulator::start()?;
/// # let (url, password) = (emulator.url(), emulator.user().password.clone());
/// # let credentials = Credentials::new("user@example.com", password, "customer1");
/// # let session = Session::builder(Portal::new(&url)?).credentials(credentials).build()?;
/// let response = session.get("user/get/").send().await?;
/// let envelope: Envelope<User> = response.json().await?;
/// assert_eq!(envelope.data.map(|user| user.email).as_deref(), Some("user@example.com"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a request is only sent by `send`"]
pub struct RequestBuilder {
    session: Session,
    request: Result<reqwest::RequestBuilder, Error>,
}

impl RequestBuilder {
    pub(crate) fn new(session: Session, method: Method, path: &str) -> Self {
        let request = match session.portal().endpoint(path) {
            Some(url) => session
                .inner
                .transport
                .requests()
                .map_err(Error::HttpClient)
                .map(|client| client.request(method, url)),
            None => Err(Error::foreign(path)),
        };
        Self { session, request }
    }

    /// Adds a header.
    pub fn header<N, V>(self, name: N, value: V) -> Self
    where
        HeaderName: TryFrom<N, Error: Into<http::Error>>,
        HeaderValue: TryFrom<V, Error: Into<http::Error>>,
    {
        self.map(|request| request.header(name, value))
    }

    /// Adds headers, each in place of those of its name.
    pub fn headers(self, headers: HeaderMap) -> Self {
        self.map(|request| request.headers(headers))
    }

    /// Adds to the query of the URL.
    pub fn query<T: Serialize + ?Sized>(self, query: &T) -> Self {
        self.map(|request| request.query(query))
    }

    /// Sends this as JSON.
    pub fn json<T: Serialize + ?Sized>(self, json: &T) -> Self {
        self.map(|request| request.json(json))
    }

    /// Sends this as a form.
    pub fn form<T: Serialize + ?Sized>(self, form: &T) -> Self {
        self.map(|request| request.form(form))
    }

    /// Sends this body.
    pub fn body(self, body: impl Into<Body>) -> Self {
        self.map(|request| request.body(body))
    }

    /// Gives the request up when it takes longer, its answer included; by default it may take for ever.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.map(|request| request.timeout(timeout))
    }

    /// Sends the request with a good token.
    ///
    /// When the portal rejects the token (401), it is renewed, and the request is sent once more; one whose body is a
    /// stream cannot be, so its answer comes back as it is. Any other answer comes back as it is, failures included.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the request does not go to this portal, [`Error::Unreachable`] when there was no answer,
    /// and those of [`Session::token`].
    pub async fn send(self) -> Result<Response, Error> {
        let request = self.request?.build().map_err(Error::of_request)?;
        self.session.execute(request).await
    }

    /// Sends the request as [`Self::send`] does, and reads the envelope that the portal answers in.
    ///
    /// A failure, of HTTP or of the envelope, is an error that carries what the portal said about it.
    ///
    /// ```
    /// # use prancer_auth::{Credentials, Portal, Session};
    /// #[derive(serde::Deserialize)]
    /// struct User {
    ///     email: String,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = prancer_auth_emulator::Emulator::start()?;
    /// # let (url, password) = (emulator.url(), emulator.user().password.clone());
    /// # let credentials = Credentials::new("user@example.com", password, "customer1");
    /// # let session = Session::builder(Portal::new(&url)?).credentials(credentials).build()?;
    /// let user = session.get("user/get/").envelope::<User>().await?.data;
    /// assert_eq!(user.map(|user| user.email).as_deref(), Some("user@example.com"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] when the API rejects the request or fails, [`Error::Unreadable`] when its response is not an envelope of `T`, and
    /// those of [`Self::send`].
    pub async fn envelope<T: DeserializeOwned>(self) -> Result<Envelope<T>, Error> {
        let session = self.session.clone();
        let response = self.send().await?;
        let status = response.status();
        let body = response.bytes().await.map_err(Error::of_request)?;
        let token = session.inner.engine.coordinator.snapshot();
        let sent = token.as_ref().map(|it| it.access.expose());
        response::envelope_of(&body, status, sent.as_slice()).map_err(|said| {
            if said.status.is_success() {
                Error::Unreadable(said)
            } else {
                Error::Rejected(said)
            }
        })
    }

    fn map(self, change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> Self {
        Self {
            request: self.request.map(change),
            ..self
        }
    }
}

impl Session {
    /// Sends a request with a good token, as [`RequestBuilder::send`] does.
    ///
    /// # Errors
    ///
    /// Those of [`RequestBuilder::send`].
    pub async fn execute(&self, mut request: Request) -> Result<Response, Error> {
        let serial = self.put_token(&mut request).await?;
        let client = self.inner.transport.requests();
        let mut client = Logged(client.map_err(Error::HttpClient)?);
        let response = self.replay_with(request, serial, &mut client).await?;
        not_renewed(response).await
    }

    pub(crate) fn add_user_agent(&self, request: &mut Request) {
        let user_agent = || self.inner.user_agent.clone();
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert_with(user_agent);
    }
}

/// What sends a request.
pub(crate) trait Sender {
    type Error;

    fn send(
        &mut self,
        request: Request,
    ) -> impl Future<Output = Result<Response, Self::Error>> + Send;
}

/// An HTTP client that logs what it sends.
struct Logged(Client);

impl Sender for Logged {
    type Error = Error;

    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        let sent = Sent::new(request.method().clone(), request.url());
        let response = self.0.execute(request).await;
        let answer = response.as_ref().ok();
        sent.answered(answer.map(|it| (it.status(), Some(it.headers()))));
        response.map_err(Error::of_request)
    }
}

/// The error in a response that could not be sent for again with another token.
#[derive(Debug, Clone)]
struct NotRenewed(Error);

impl Session {
    /// Sends a request with a good token, and once more with another one if an API rejects that (401).
    ///
    /// A request whose body is a stream is sent once. Where no other token can be had, the API's own response comes back, and
    /// [`not_renewed`] says why.
    pub(crate) async fn replay_with<S: Sender>(
        &self,
        mut request: Request,
        serial: u64,
        sender: &mut S,
    ) -> Result<Response, S::Error> {
        let again = request.try_clone();
        self.add_user_agent(&mut request);
        let mut response = sender.send(request).await?;
        let rejected = response.status() == StatusCode::UNAUTHORIZED;
        // A redirect may have led elsewhere, which says nothing about the token.
        let engine = &self.inner.engine;
        if !self.portal().owns(response.url()) {
            return Ok(response);
        }
        if !rejected {
            engine.bearer_accepted(serial);
            return Ok(response);
        }
        engine.bearer_rejected(serial);
        let Some(mut again) = again else {
            return Ok(response);
        };
        let serial = match self.put_token(&mut again).await {
            Ok(serial) => serial,
            Err(error) => {
                response.extensions_mut().insert(NotRenewed(error));
                return Ok(response);
            }
        };
        self.add_user_agent(&mut again);
        let response = sender.send(again).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            engine.bearer_accepted(serial);
        }
        Ok(response)
    }

    /// Puts a good token on a request, whose serial number it returns.
    pub(crate) async fn put_token(&self, request: &mut Request) -> Result<u64, Error> {
        if !self.portal().owns(request.url()) {
            return Err(Error::foreign(request.url().as_str()));
        }
        let carry = |it: &TokenSnapshot| (it.authorization(), it.serial);
        let (authorization, serial) = self.inner.engine.good(carry).await?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(serial)
    }
}

/// The response, or why the token that an API rejected could not be renewed.
pub(crate) async fn not_renewed(mut response: Response) -> Result<Response, Error> {
    match response.extensions_mut().remove::<NotRenewed>() {
        None => Ok(response),
        Some(NotRenewed(source)) => Err(Error::NotRenewed {
            response: said(response).await,
            source: Box::new(source),
        }),
    }
}

/// What an API said that rejected a token.
async fn said(response: Response) -> Rejection {
    let status = response.status();
    match response.bytes().await {
        Ok(body) => response::rejection(&body, status, &[]),
        Err(_) => Rejection::bare(status),
    }
}
