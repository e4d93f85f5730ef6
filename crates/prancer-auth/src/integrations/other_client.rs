//! What another generated client of a Prancer API needs, to authenticate through a session.

use std::time::Duration;

use http::header::AUTHORIZATION;
use reqwest::{Client, Request, Response};

use crate::error::Error;
use crate::session::Session;
use crate::session::replay::Sender;

/// For clients that progenitor generated from another OpenAPI document of the portal. Each of their hooks takes three
/// lines:
///
/// ```text
/// impl ClientHooks<Session> for Client {
///     async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
///         self.inner().authorize(request).await.map_err(|error| Error::Custom(error.to_string()))
///     }
///     async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
///         self.inner().replay(request).await
///     }
/// }
/// ```
impl Session {
    /// Puts a good token on a request, which [`Self::replay`] sends.
    ///
    /// # Errors
    ///
    /// [`Error::NotThisPortal`] and [`Error::AmbiguousPath`] when the request does not go to this portal, and those of [`Session::token`].
    pub async fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        self.put_token(request).await.map(drop)
    }

    /// Sends a request with the token from [`Self::authorize`], and once more with another token if an API rejects that
    /// one (401).
    ///
    /// It uses the session's own HTTP client, [`Self::http_client`]: any other client may follow a redirect and carry
    /// the token to another tenant. If no other token can be had, it returns the API's own response, and the other
    /// client makes its error of that. A request whose body is a stream is sent only once. A request without a timeout
    /// gets the session's timeout, which includes the whole response.
    ///
    /// # Errors
    ///
    /// What the HTTP client says.
    pub async fn replay(&self, mut request: Request) -> reqwest::Result<Response> {
        let serial = self.serial_of(&request);
        // The other client reads the whole of it.
        let limit = self.limit_of(&request).time;
        if limit < Duration::MAX {
            *request.timeout_mut() = Some(limit);
        }
        let mut client = Plain(self.client.transport.requests(self.portal())?);
        let reply = self.replay_with(request, serial, &mut client).await?;
        Ok(reply.response)
    }

    /// The serial number of the token that a request carries, 0 where that is not the session's.
    fn serial_of(&self, request: &Request) -> u64 {
        let carried = request.headers().get(AUTHORIZATION);
        let token = self.engine.coordinator.snapshot();
        let token = token.as_ref();
        let token = token.filter(|it| carried == Some(&it.authorization()));
        token.map_or(0, |it| it.serial)
    }
}

/// The HTTP client, whose errors are the other client's.
struct Plain(Client);

impl Sender for Plain {
    type Error = reqwest::Error;

    async fn send(&mut self, request: Request) -> reqwest::Result<Response> {
        self.0.execute(request).await
    }
}
