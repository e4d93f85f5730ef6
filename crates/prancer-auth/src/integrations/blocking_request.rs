//! A request that blocks the thread, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use reqwest::Body;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use crate::api::envelope::Envelope;
use crate::api::rejection::Rejection;
use crate::error::Error;
use crate::session::request;

/// A [request](request::RequestBuilder) whose [`send`](Self::send) and [`envelope`](Self::envelope) block the thread.
#[derive(Debug)]
#[must_use = "a request is only sent by `send`"]
pub struct RequestBuilder {
    pub(super) request: request::RequestBuilder,
    pub(super) runtime: Arc<Runtime>,
}

impl RequestBuilder {
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

    /// As [`request::RequestBuilder::timeout`].
    pub fn timeout(self, timeout: Duration) -> Self {
        self.map(|request| request.timeout(timeout))
    }

    /// As [`request::RequestBuilder::send`].
    ///
    /// # Errors
    ///
    /// Those of [`request::RequestBuilder::send`].
    pub fn send(self) -> Result<Response, Error> {
        let response = self.runtime.block_on(self.request.send())?;
        Ok(Response {
            response,
            runtime: self.runtime,
        })
    }

    /// As [`request::RequestBuilder::envelope`].
    ///
    /// # Errors
    ///
    /// Those of [`request::RequestBuilder::envelope`].
    pub fn envelope<T: DeserializeOwned>(self) -> Result<Envelope<T>, Error> {
        self.runtime.block_on(self.request.envelope())
    }

    fn map(self, change: impl FnOnce(request::RequestBuilder) -> request::RequestBuilder) -> Self {
        Self {
            request: change(self.request),
            ..self
        }
    }
}

/// A response. Reading its body blocks the thread, without a limit of size or time unless the request has a timeout.
#[derive(Debug)]
pub struct Response {
    response: reqwest::Response,
    runtime: Arc<Runtime>,
}

impl Response {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// The whole body.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] when it is cut off.
    pub fn bytes(self) -> Result<Vec<u8>, Error> {
        let body = self.runtime.block_on(self.response.bytes());
        Ok(body.map_err(Error::of_request)?.to_vec())
    }

    /// The next piece of the body, `None` at its end: for bodies that are larger than the memory.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] when it is cut off.
    pub fn chunk(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let chunk = self.runtime.block_on(self.response.chunk());
        let chunk = chunk.map_err(Error::of_request)?;
        Ok(chunk.map(|it| it.to_vec()))
    }

    /// The whole body as text.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] when it is cut off.
    pub fn text(self) -> Result<String, Error> {
        let text = self.runtime.block_on(self.response.text());
        text.map_err(Error::of_request)
    }

    /// The whole body, read as JSON. [`RequestBuilder::envelope`] reads the portal's own answers.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] when it is cut off, [`Error::Unreadable`] when it is not a `T`.
    pub fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let status = self.status();
        let body = self.bytes()?;
        let read = serde_json::from_slice(&body);
        read.map_err(|_| Error::Unreadable(Rejection::bare(status)))
    }
}
