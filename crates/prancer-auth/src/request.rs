//! A request that carries the session's token.

use std::time::Duration;

use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use reqwest::{Body, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::envelope::Envelope;
use crate::error::Error;
use crate::published::Published;
use crate::rejection::Rejection;
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
                .transport
                .requests()
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
    /// When the portal refuses the token (401), it is renewed, and the request is sent once more; one whose body is a
    /// stream cannot be, so its answer comes back as it is. Any other answer comes back as it is, failures included.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the request is not one for this portal, [`Error::Unreachable`] when there was no answer,
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
    /// [`Error::Refused`] when the portal fails the call, [`Error::Unreadable`] when its answer is no envelope of `T`, and
    /// those of [`Self::send`].
    pub async fn envelope<T: DeserializeOwned>(self) -> Result<Envelope<T>, Error> {
        let session = self.session.clone();
        let response = self.send().await?;
        let status = response.status();
        let body = response.bytes().await.map_err(Error::of_request)?;
        // First whatever it holds: a failure often has other data than a success.
        // A list would be read as the members in their order.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        match serde_json::from_slice::<Envelope>(if is_object { &body } else { b"" }) {
            Ok(any) if any.is_failure() || !status.is_success() => {
                let published = session.engine.hub.published();
                let sent = published.as_ref().map(|it| it.access.expose());
                let sent = sent.as_slice();
                let text = any.data.as_ref().and_then(Value::as_str).map(str::to_owned);
                let mut rejection = any.rejection(status);
                if !rejection.says_something() {
                    rejection.message = text.unwrap_or_default();
                }
                Err(Error::Refused(rejection.without_secrets(sent)))
            }
            Ok(_) => serde_json::from_slice(&body)
                .map_err(|_| Error::Unreadable(Rejection::bare(status))),
            Err(_) if status.is_success() => Err(Error::Unreadable(Rejection::bare(status))),
            Err(_) => Err(Error::Refused(Rejection::bare(status))),
        }
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
        if !self.portal().owns(request.url()) {
            return Err(Error::foreign(request.url().as_str()));
        }
        let carry = |it: &Published| (it.authorization(), it.generation);
        let (authorization, generation) = self.engine.good(carry).await?;
        let again = request.try_clone();
        self.prepare(&mut request, authorization);
        let method = request.method().clone();
        let response = self.transport.requests()?.execute(request).await;
        let response = note(&method, response)?;
        if response.status() == StatusCode::UNAUTHORIZED {
            // Apart, so that what everybody moves about is small.
            return Box::pin(self.refused(response, generation, again)).await;
        }
        Ok(response)
    }

    /// Sends a request once more whose token was refused, if it can be.
    async fn refused(
        &self,
        response: Response,
        generation: u64,
        again: Option<Request>,
    ) -> Result<Response, Error> {
        self.engine.hub.token_refused(generation, self.engine.now());
        let Some(mut again) = again else {
            return Ok(response);
        };
        let carry = |it: &Published| (it.authorization(), it.generation);
        let (authorization, generation) = self.engine.good(carry).await?;
        self.prepare(&mut again, authorization);
        let method = again.method().clone();
        let response = note(&method, self.transport.requests()?.execute(again).await)?;
        if response.status() == StatusCode::UNAUTHORIZED {
            let now = self.engine.now();
            self.engine.hub.token_refused_again(generation, now);
        }
        Ok(response)
    }

    fn prepare(&self, request: &mut Request, authorization: HeaderValue) {
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, authorization);
        let user_agent = || self.engine.outside.caller.user_agent.clone();
        headers.entry(USER_AGENT).or_insert_with(user_agent);
    }
}

fn note(method: &Method, response: reqwest::Result<Response>) -> Result<Response, Error> {
    match &response {
        Ok(response) => {
            let (path, status) = (response.url().path(), response.status().as_u16());
            tracing::debug!(%method, %path, status, "request");
        }
        Err(error) => {
            let path = error.url().map(reqwest::Url::path);
            tracing::debug!(%method, path, "request without an answer");
        }
    }
    response.map_err(Error::of_request)
}
