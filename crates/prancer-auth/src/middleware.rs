//! A session as a middleware.

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use http::{Extensions, StatusCode};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};

use crate::session::Session;

/// With [`reqwest_middleware`], a session puts its token on every request to its portal, and refuses others.
///
/// A request that the portal refuses (401) is sent once more with another token, unless its body is a stream.
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
/// let client = ClientBuilder::new(reqwest::Client::new()).with(session).build();
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
        self.authorize(&mut request)
            .await
            .map_err(Error::middleware)?;
        let again = request.try_clone();
        let refused = request.headers().get(AUTHORIZATION).cloned();
        let response = next.clone().run(request, extensions).await?;
        match (again, refused) {
            (Some(mut again), Some(refused))
                if response.status() == StatusCode::UNAUTHORIZED
                    && self.portal().owns(response.url()) =>
            {
                self.refuse(&refused);
                self.authorize(&mut again)
                    .await
                    .map_err(Error::middleware)?;
                let replayed = again.headers().get(AUTHORIZATION).cloned();
                let response = next.run(again, extensions).await?;
                if response.status() == StatusCode::UNAUTHORIZED {
                    self.refuse_again(replayed.as_ref());
                }
                Ok(response)
            }
            _ => Ok(response),
        }
    }
}
