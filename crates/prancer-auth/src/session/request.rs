//! A request that carries the session's token.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::{Body, Client, Request, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::api::envelope::Envelope;
use crate::api::log::Sent;
use crate::api::patience::within;
use crate::api::response;
use crate::error::Error;
use crate::session::Session;
use crate::session::body::BodyLimit;
use crate::session::replay::{Reply, Sender, bearer};

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
#[must_use = "a request is only sent by `send`"]
pub struct RequestBuilder {
    session: Session,
    request: Result<reqwest::RequestBuilder, Error>,
}

impl RequestBuilder {
    pub(crate) fn new(session: Session, method: Method, path: &str) -> Self {
        let portal = session.portal();
        let url = portal.endpoint(path);
        let url = url.map_err(|why| Error::no_endpoint(path, why));
        let request = url.and_then(|url| {
            // Which client sends it, the runtime decides that it is sent on.
            let client = session.client.transport.any(portal);
            let client = client.map_err(|error| Error::HttpClient(Arc::new(error)))?;
            Ok(client.request(method, url))
        });
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

    /// Adds headers. Each replaces the headers of the same name.
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

    /// Gives up with [`Error::Unreachable`] if one attempt takes longer than this, including its whole response. Waiting for a token does not
    /// count, and a request that is sent once more gets the full time again. It replaces
    /// [`SessionBuilder::request_timeout`](crate::SessionBuilder::request_timeout) for this request.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.map(|request| request.timeout(timeout))
    }

    /// Sends the request with a good token.
    ///
    /// When the portal rejects the token (401), the session renews it and sends the request once more. A request whose
    /// body is a stream cannot be sent again, so its response is returned unchanged. Any other response is returned unchanged, too,
    /// failures included. If a request is lost because its connection closes, it is also sent once more, if its method may be
    /// repeated (`GET`, `HEAD`, `PUT`, `DELETE`, but not `POST`).
    ///
    /// # Errors
    ///
    /// [`Error::NotThisPortal`] and [`Error::AmbiguousPath`] when the request does not go to this portal, [`Error::InvalidRequest`] when a
    /// header, the query or the body is not valid, [`Error::HttpClient`] when the HTTP client cannot be made, [`Error::Unreachable`] and
    /// [`Error::TimedOut`] when there was no answer, [`Error::NotRenewed`] when the API rejected the token and there is no other, and those
    /// of [`Session::token`].
    pub async fn send(self) -> Result<Response, Error> {
        let request = self.request?.build().map_err(Error::of_request)?;
        self.session.execute(request).await
    }

    /// Sends the request as [`Self::send`] does, and reads the envelope that the portal answers in.
    ///
    /// A failure by its HTTP status or in the envelope is an error, which holds what the portal said about it. At most
    /// as much is read as [`SessionBuilder::envelope_limit`](crate::SessionBuilder::envelope_limit) allows.
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
    /// [`Error::Rejected`] when the API rejects the request or fails, [`Error::Unreadable`] when its response is not an envelope of `T`,
    /// [`Error::TooLarge`] when it is too long, and those of [`Self::send`].
    pub async fn envelope<T: DeserializeOwned>(self) -> Result<Envelope<T>, Error> {
        let request = self.request?.build().map_err(Error::of_request)?;
        let limit = self.session.limit_of(&request);
        let reply = self.session.exchange(request).await?;
        let status = reply.response.status();
        let body = limit.read(reply.response).await?;
        response::envelope_of(&body, status, bearer(&reply.sent)).map_err(|said| {
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

impl fmt::Debug for RequestBuilder {
    /// Without the query, the headers and the body: they are the caller's, and may hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.request.as_ref().err();
        f.debug_struct("RequestBuilder")
            .field("session", &self.session)
            .field("error", &error)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Sends a request with a good token, as [`RequestBuilder::send`] does.
    ///
    /// # Errors
    ///
    /// Those of [`RequestBuilder::send`].
    pub async fn execute(&self, request: Request) -> Result<Response, Error> {
        Ok(self.exchange(request).await?.response)
    }

    async fn exchange(&self, mut request: Request) -> Result<Reply, Error> {
        let serial = self.put_token(&mut request).await?;
        let mut client = Logged {
            client: self.http_client()?,
            timeout: self.limit_of(&request).time,
        };
        let reply = self.replay_with(request, serial, &mut client).await?;
        reply.renewed(self.limit).await
    }

    /// The HTTP client that sends the session's requests: for a chain of middleware with the session in it.
    ///
    /// It follows a redirect only to a URL that the session's token may go to, and uses no proxy for unencrypted
    /// requests. If you send the session's token with a client of your own, that client follows redirects by its own
    /// rules, even to other tenants.
    ///
    /// # Errors
    ///
    /// [`Error::HttpClient`] when it cannot be made.
    pub fn http_client(&self) -> Result<Client, Error> {
        let client = self.client.transport.requests(self.portal());
        client.map_err(|error| Error::HttpClient(Arc::new(error)))
    }

    /// How much of the response to a request is read, and how long it may take, where the program reads none of it itself.
    pub(crate) fn limit_of(&self, request: &Request) -> BodyLimit {
        let streams = request.body().is_some_and(|it| it.as_bytes().is_none());
        let mut limit = self.limit;
        if streams || request.timeout().is_some() {
            limit.time = Duration::MAX;
        }
        limit
    }
}

/// An HTTP client that logs what it sends.
struct Logged {
    client: Client,
    timeout: Duration,
}

impl Sender for Logged {
    type Error = Error;

    async fn send(&mut self, request: Request) -> Result<Response, Error> {
        let sent = Sent::new(request.method(), request.url());
        let response = within(self.timeout, self.client.execute(request)).await;
        let answer = response.as_ref().and_then(|it| it.as_ref().ok());
        sent.answered(answer.map(|it| (it.status(), it.headers())));
        let Some(response) = response else {
            return Err(Error::TimedOut(self.timeout));
        };
        response.map_err(Error::of_request)
    }
}
