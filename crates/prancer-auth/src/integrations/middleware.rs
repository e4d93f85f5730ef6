//! A session as a middleware.

use std::time::Duration;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::api::patience::within;
use crate::error::Error::TimedOut;
use crate::session::Session;
use crate::session::replay::Sender;

/// As a middleware of [`reqwest_middleware`], a session adds its token to every request to its portal, and fails all
/// other requests.
///
/// If the portal rejects the token (401), the request is sent once more with another token, unless its body is a
/// stream. So is a request that is lost because its connection closes, if its method may be repeated. With
/// [`Session::http_client`] at the end of the chain, redirects are followed within the portal only. A request without a
/// timeout waits for the headers of its response as long as the session's own requests do
/// ([`SessionBuilder::request_timeout`]). Errors of the session come as [`reqwest_middleware::Error::Middleware`].
///
/// [`SessionBuilder::request_timeout`]: crate::SessionBuilder::request_timeout
///
/// ```
/// use prancer_auth::{Credentials, Portal, Session};
/// use reqwest_middleware::ClientBuilder;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let emulator = prancer_auth_emulator::Emulator::start()?;
/// # let (url, password) = (emulator.url(), emulator.user().password.clone());
/// # let credentials = Credentials::new("user@example.com", password, "customer1");
/// let session = Session::builder(Portal::new(&url)?).credentials(credentials).build()?;
/// let client = ClientBuilder::new(session.http_client()?).with(session).build();
/// let response = client.get(format!("{url}/api/user/get/")).send().await?;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// ```
#[async_trait]
impl Middleware for Session {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let put = self.put_token(&mut request).await;
        let serial = put.map_err(Error::middleware)?;
        let mut chain = Chain {
            timeout: self.limit_of(&request).time,
            next,
            extensions,
        };
        let reply = self.replay_with(request, serial, &mut chain).await?;
        let reply = reply.renewed(self.limit).await;
        reply.map(|it| it.response).map_err(Error::middleware)
    }
}

/// The rest of the chain of middleware.
struct Chain<'a> {
    timeout: Duration,
    next: Next<'a>,
    extensions: &'a mut Extensions,
}

impl Sender for Chain<'_> {
    type Error = Error;

    async fn send(&mut self, request: Request) -> Result<Response> {
        let next = self.next.clone();
        let response = within(self.timeout, next.run(request, self.extensions)).await;
        response.unwrap_or_else(|| Err(Error::middleware(TimedOut(self.timeout))))
    }
}
