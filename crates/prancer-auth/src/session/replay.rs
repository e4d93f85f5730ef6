//! A request that is sent once more with another token where an API rejects the first.

use std::error::Error as StdError;

use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderValue, StatusCode};
use reqwest::{Request, Response};

use crate::api::rejection::Rejection;
use crate::api::response;
use crate::api::stale_connection;
use crate::api::transport::Transport;
use crate::engine::snapshot::TokenSnapshot;
use crate::error::Error;
use crate::session::Session;
use crate::session::body::BodyLimit;

/// What sends a request.
pub(crate) trait Sender {
    type Error: StdError + 'static;

    fn send(
        &mut self,
        request: Request,
    ) -> impl Future<Output = Result<Response, Self::Error>> + Send;
}

/// A response, and what the session knows of it.
pub(crate) struct Reply {
    pub(crate) response: Response,
    /// The header with the token that it answers. The session may have another one by now.
    pub(crate) sent: Option<HeaderValue>,
    /// Why the token that the API rejected could not be renewed.
    not_renewed: Option<Error>,
}

impl Reply {
    /// The reply, or why the token that an API rejected could not be renewed.
    pub(crate) async fn renewed(self, limit: BodyLimit) -> Result<Self, Error> {
        let Some(source) = self.not_renewed else {
            return Ok(self);
        };
        let limit = BodyLimit {
            size: response::REJECTION_LIMIT,
            ..limit
        };
        let status = self.response.status();
        let response = match limit.read(self.response).await {
            Ok(body) => response::rejection(&body, status, bearer(&self.sent)),
            Err(_) => Rejection::bare(status),
        };
        Err(Error::NotRenewed {
            response,
            source: Box::new(source),
        })
    }
}

/// The token in a header, if it has one.
pub(crate) fn bearer(header: &Option<HeaderValue>) -> &str {
    let text = header.as_ref().and_then(|it| it.to_str().ok());
    text.and_then(|it| it.strip_prefix("Bearer "))
        .unwrap_or_default()
}

impl Session {
    /// Sends a request with a good token, and once more with another one if an API rejects that (401).
    ///
    /// A request whose body is a stream is sent once. Where no other token can be had, the API's own response comes back, and
    /// [`Reply::renewed`] says why.
    pub(crate) async fn replay_with<S: Sender>(
        &self,
        mut request: Request,
        serial: u64,
        sender: &mut S,
    ) -> Result<Reply, S::Error> {
        let user_agent = || self.client.user_agent.clone();
        let headers = request.headers_mut();
        headers.entry(USER_AGENT).or_insert_with(user_agent);
        let again = request.try_clone();
        let reply = self.send_by(sender, request, serial).await?;
        let url = reply.response.url();
        let is_rejected = reply.response.status() == StatusCode::UNAUTHORIZED;
        if !is_rejected || !self.portal().owns(url) {
            return Ok(reply);
        }
        self.engine.bearer_rejected(serial, url.path());
        let Some(mut again) = again else {
            return Ok(reply);
        };
        match self.put_token(&mut again).await {
            // It was renewed for a rejection a moment ago: the same token would be rejected again.
            Ok(renewed) if renewed == serial => Ok(reply),
            Ok(renewed) => self.send_by(sender, again, renewed).await,
            Err(error) => Ok(Reply {
                not_renewed: Some(error),
                ..reply
            }),
        }
    }

    /// Sends a request, and once more where its connection was lost.
    async fn send_by<S: Sender>(
        &self,
        sender: &mut S,
        request: Request,
        serial: u64,
    ) -> Result<Reply, S::Error> {
        let sent = request.headers().get(AUTHORIZATION).cloned();
        let may_repeat = stale_connection::may_repeat(request.method());
        let again = may_repeat.then(|| request.try_clone()).flatten();
        let mut result = Transport::within(self.portal(), sender.send(request)).await;
        if let (Err(error), Some(again)) = (&result, again)
            && stale_connection::is_lost(error)
        {
            result = Transport::within(self.portal(), sender.send(again)).await;
        }
        let response = result?;
        // A redirect may have led elsewhere, which says nothing about the token.
        if response.status().is_success() && self.portal().owns(response.url()) {
            let path = response.url().path();
            self.engine.bearer_accepted(serial, path);
        }
        Ok(Reply {
            response,
            sent,
            not_renewed: None,
        })
    }

    /// Puts a good token on a request, whose serial number it returns.
    pub(crate) async fn put_token(&self, request: &mut Request) -> Result<u64, Error> {
        let url = request.url();
        let endpoint = self.portal().check(url);
        endpoint.map_err(|why| Error::no_endpoint(url.as_str(), why))?;
        let carry = |it: &TokenSnapshot| (it.authorization(), it.serial);
        let (authorization, serial) = self.engine.good(carry).await?;
        request.headers_mut().insert(AUTHORIZATION, authorization);
        Ok(serial)
    }
}
