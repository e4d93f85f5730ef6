//! A request that is sent once more with another token where an API rejects the first.

use http::StatusCode;
use http::header::AUTHORIZATION;
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
        let is_rejected = |it: &Response| it.status() == StatusCode::UNAUTHORIZED;
        // A redirect may have led elsewhere, which says nothing about the token.
        let engine = &self.inner.engine;
        if !self.portal().owns(response.url()) {
            return Ok(response);
        }
        if !is_rejected(&response) {
            engine.bearer_accepted(serial, response.url().path());
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
        self.add_user_agent(&mut again);
        let response = sender.send(again).await?;
        if !is_rejected(&response) {
            engine.bearer_accepted(renewed, response.url().path());
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
async fn said(response: Response, limit: BodyLimit) -> Rejection {
    let status = response.status();
    match limit.read(response).await {
        Ok(body) => response::rejection(&body, status, &[]),
        Err(_) => Rejection::bare(status),
    }
}
