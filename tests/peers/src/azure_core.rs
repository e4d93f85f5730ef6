//! azure_core: the policy that caches a token and puts it on requests, before a policy that sends nothing.

use crate::measure::Bench;
use crate::token::{LIFETIME, token};
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::headers::{AUTHORIZATION, Headers};
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Method, Request, StatusCode, Url};
use azure_core::time::OffsetDateTime;
use http::HeaderValue;
use std::sync::Arc;

const PEER: &str = "azure_core";

#[derive(Debug)]
struct Credential;

#[async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        _: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        Ok(AccessToken::new(
            token(),
            OffsetDateTime::now_utc() + LIFETIME,
        ))
    }
}

#[derive(Debug)]
struct Nowhere;

#[async_trait]
impl Policy for Nowhere {
    async fn send(&self, _: &Context, _: &mut Request, _: &[Arc<dyn Policy>]) -> PolicyResult {
        let (status, headers) = (StatusCode::NoContent, Headers::new());
        Ok(AsyncRawResponse::from_bytes(status, headers, ""))
    }
}

pub(crate) fn run(bench: &Bench) {
    let policy = BearerTokenAuthorizationPolicy::new(Arc::new(Credential), ["scope"]);
    let next: [Arc<dyn Policy>; 1] = [Arc::new(Nowhere)];
    let url = Url::parse("https://localhost").expect("a URL");
    bench.header(PEER, PEER, async || {
        let mut request = Request::new(url.clone(), Method::Get);
        policy
            .send(&Context::new(), &mut request, &next)
            .await
            .expect("a response");
        let header = request.headers().get_str(&AUTHORIZATION);
        HeaderValue::from_str(header.expect("a header")).expect("a header")
    });
}
