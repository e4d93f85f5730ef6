//! What another generated client of a Prancer API needs, to authenticate through a session.

use http::header::AUTHORIZATION;
use reqwest::{Client, Request, Response};

use crate::error::Error;
use crate::request::Sender;
use crate::session::Session;

/// For clients that progenitor generated from another of the portal's documents: their hooks take three lines.
///
/// ```text
/// impl ClientHooks<Session> for Client {
///     async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
///         self.inner().authorize(request).await.map_err(|error| Error::Custom(error.to_string()))
///     }
///     async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
///         self.inner().replay(self.client(), request).await
///     }
/// }
/// ```
impl Session {
    /// Puts a good token on a request that something else sends.
    ///
    /// # Errors
    ///
    /// [`Error::Foreign`] when the request does not go to this portal, and those of [`Session::token`].
    pub async fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        self.put_token(request).await.map(drop)
    }

    /// Sends a request that [`Self::authorize`] has put a token on, and once more with another token if an API rejects that (401).
    ///
    /// Where no other token can be had, the API's own response comes back, of which the other client makes its error. A request
    /// whose body is a stream is sent once.
    ///
    /// # Errors
    ///
    /// What `client` says.
    pub async fn replay(&self, client: &Client, request: Request) -> reqwest::Result<Response> {
        let serial = self.serial_of(&request);
        self.replay_with(request, serial, &mut Plain(client)).await
    }

    /// The serial number of the token that a request carries, 0 where that is not the session's.
    fn serial_of(&self, request: &Request) -> u64 {
        let token = self.inner.engine.coordinator.snapshot();
        let token = token.as_ref();
        let carried = request.headers().get(AUTHORIZATION);
        token
            .filter(|token| carried.is_some_and(|it| *it == token.authorization()))
            .map_or(0, |token| token.serial)
    }
}

/// The HTTP client of the other client.
struct Plain<'a>(&'a Client);

impl Sender for Plain<'_> {
    type Error = reqwest::Error;

    async fn send(&mut self, request: Request) -> reqwest::Result<Response> {
        self.0.execute(request).await
    }
}
