//! What every generated call does besides: the documented headers, a bounded answer, its status noted.

use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http_body_util::Limited;
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::{Body, Request, Response};

use crate::{Client, ClientInfo as _, Credential, Error};

/// The largest body of an answer that is read. The documented ones take a few kilobytes.
const BODY_LIMIT: usize = 1 << 20;
/// The generator's own header, which the portal does not know.
const API_VERSION: HeaderName = HeaderName::from_static("api-version");

impl ClientHooks<Credential> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        let credential = self.inner();
        let headers = request.headers_mut();
        headers.remove(API_VERSION);
        // Documented for all three calls, also for those that have no body.
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, credential.user_agent.clone());
        if let Some(authorization) = &credential.authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let response = self.client().execute(request).await?;
        self.inner().note(response.status());
        let response = http::Response::<Body>::from(response);
        let bounded = response.map(|body| Body::wrap(Limited::new(body, BODY_LIMIT)));
        Ok(Response::from(bounded))
    }
}
