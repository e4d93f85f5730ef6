//! A request that is sent once more with another token where an API rejects the first.

use http::header::AUTHORIZATION;
use http::{HeaderValue, StatusCode};
use reqwest::{Request, Response};

use crate::api::body::BodyLimit;
use crate::api::rejection::Rejection;
use crate::api::response;
use crate::engine::snapshot::TokenSnapshot;
use crate::error::Error;
use crate::session::Session;

/// What sends a request.
pub(crate) trait Sender {
    type Error;

    fn send(
        &mut self,
        request: Request,
    ) -> impl Future<Output = Result<Response, Self::Error>> + Send;
}

/// The error in a response that could not be sent for again with another token.
#[derive(Debug, Clone)]
struct NotRenewed(Error);

/// The token that a response answers, as it was sent. The session may have another one by now.
#[derive(Debug, Clone)]
pub(crate) struct SentToken(HeaderValue);

impl SentToken {
    /// Takes it out of the response.
    pub(crate) fn of(response: &mut Response) -> Option<Self> {
        response.extensions_mut().remove()
    }

    pub(crate) fn expose(&self) -> &str {
        let text = self.0.to_str().ok();
        let token = text.and_then(|it| it.strip_prefix("Bearer "));
        token.unwrap_or_default()
    }
}

impl Session {
    /// Sends a request with a good token, and once more with another one if an API rejects that (401).
    ///
    /// A request whose body is a stream is sent once. Where no other token can be had, the API's own response comes back, and
    /// [`not_renewed`] says why. Every response holds the [`SentToken`].
    pub(crate) async fn replay_with<S: Sender>(
        &self,
        request: Request,
        serial: u64,
        sender: &mut S,
    ) -> Result<Response, S::Error> {
        let again = request.try_clone();
        let mut response = self.send_by(sender, request).await?;
        let is_rejected = |it: &Response| it.status() == StatusCode::UNAUTHORIZED;
        // A redirect may have led elsewhere, which says nothing about the token.
        let engine = &self.inner.engine;
        if !self.portal().owns(response.url()) {
            return Ok(response);
        }
        if !is_rejected(&response) {
            if response.status().is_success() {
                engine.bearer_accepted(serial, response.url().path());
            }
            return Ok(response);
        }
        engine.bearer_rejected(serial, response.url().path());
        let Some(mut again) = again else {
            return Ok(response);
        };
        let renewed = match self.put_token(&mut again).await {
            // It was renewed for a rejection a moment ago: the same token would be rejected again.
            Ok(renewed) if renewed == serial => return Ok(response),
            Ok(renewed) => renewed,
            Err(error) => {
                response.extensions_mut().insert(NotRenewed(error));
                return Ok(response);
            }
        };
        let response = self.send_by(sender, again).await?;
        if response.status().is_success() {
            engine.bearer_accepted(renewed, response.url().path());
        }
        Ok(response)
    }

    async fn send_by<S: Sender>(
        &self,
        sender: &mut S,
        mut request: Request,
    ) -> Result<Response, S::Error> {
        self.add_user_agent(&mut request);
        let token = request.headers().get(AUTHORIZATION).cloned();
        let mut response = sender.send(request).await?;
        if let Some(token) = token {
            response.extensions_mut().insert(SentToken(token));
        }
        Ok(response)
    }

    /// Puts a good token on a request, whose serial number it returns.
    pub(crate) async fn put_token(&self, request: &mut Request) -> Result<u64, Error> {
        let url = request.url();
        let endpoint = self.portal().check(url);
        endpoint.map_err(|why| Error::no_endpoint(url.as_str(), why))?;
        let carry = |it: &TokenSnapshot| (it.authorization(), it.serial);
        let (authorization, serial) = self.inner.engine.good(carry).await?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(serial)
    }
}

/// The response, or why the token that an API rejected could not be renewed.
pub(crate) async fn not_renewed(
    mut response: Response,
    limit: BodyLimit,
) -> Result<Response, Error> {
    match response.extensions_mut().remove::<NotRenewed>() {
        None => Ok(response),
        Some(NotRenewed(source)) => Err(Error::NotRenewed {
            response: said(response, limit).await,
            source: Box::new(source),
        }),
    }
}

/// What an API said that rejected a token.
async fn said(mut response: Response, limit: BodyLimit) -> Rejection {
    let (status, token) = (response.status(), SentToken::of(&mut response));
    let sent = token.as_ref().map(SentToken::expose);
    match limit.read(response).await {
        Ok(body) => response::rejection(&body, status, sent.as_slice()),
        Err(_) => Rejection::bare(status),
    }
}
