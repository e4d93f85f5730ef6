//! What another generated client of a Prancer API needs, to authenticate through a session.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest::{Client, Request, Response};

use crate::error::Error;
use crate::published::Published;
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
    /// [`Error::Foreign`] when the request is not one for this portal, and those of [`Session::token`].
    pub async fn authorize(&self, request: &mut Request) -> Result<(), Error> {
        if !self.portal().owns(request.url()) {
            return Err(Error::foreign(request.url().as_str()));
        }
        let authorization = self.engine.good(Published::authorization).await?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(())
    }

    /// Sends a request that [`Self::authorize`] has put a token on, and once more with another token if that is refused (401).
    ///
    /// When no other token can be had, the refusal comes back as it is. A request whose body is a stream is sent once.
    ///
    /// # Errors
    ///
    /// What `client` says.
    pub async fn replay(&self, client: &Client, request: Request) -> reqwest::Result<Response> {
        let again = request.try_clone();
        let refused = request.headers().get(AUTHORIZATION).cloned();
        let response = client.execute(request).await?;
        if response.status() != StatusCode::UNAUTHORIZED || !self.portal().owns(response.url()) {
            return Ok(response);
        }
        let Some(refused) = refused else {
            return Ok(response);
        };
        self.refuse(&refused);
        let Some(mut again) = again else {
            return Ok(response);
        };
        if self.authorize(&mut again).await.is_err() {
            return Ok(response);
        }
        let replayed = again.headers().get(AUTHORIZATION).cloned();
        let response = client.execute(again).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            self.refuse_again(replayed.as_ref());
        }
        Ok(response)
    }

    /// Never hands this token out again, if it is the one that is there.
    pub(crate) fn refuse(&self, authorization: &HeaderValue) {
        if let Some(generation) = self.generation_of(authorization) {
            self.engine.hub.token_refused(generation, self.engine.now());
        }
    }

    /// Notes that a request was refused whose token had just been renewed for it.
    pub(crate) fn refuse_again(&self, authorization: Option<&HeaderValue>) {
        if let Some(generation) = authorization.and_then(|it| self.generation_of(it)) {
            let now = self.engine.now();
            self.engine.hub.token_refused_again(generation, now);
        }
    }

    /// The generation of this token, if it is the one that is there.
    fn generation_of(&self, authorization: &HeaderValue) -> Option<u64> {
        let published = self.engine.hub.published();
        let published = published.as_ref()?;
        (published.authorization() == authorization).then_some(published.generation)
    }
}
