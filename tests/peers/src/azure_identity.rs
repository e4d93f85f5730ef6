//! azure_identity: a credential with a client secret, over a transport that answers at once.

use crate::measure::Bench;
use crate::token::{answer, bearer};
use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential};
use azure_core::http::headers::Headers;
use azure_core::http::{
    AsyncRawResponse, ClientOptions, HttpClient, Request, StatusCode, Transport,
};
use azure_identity::{ClientSecretCredential, ClientSecretCredentialOptions};
use std::sync::Arc;

const PEER: &str = "azure_identity";
const SCOPES: [&str; 1] = ["scope"];

#[derive(Debug)]
struct Answer;

#[async_trait]
impl HttpClient for Answer {
    async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
        let headers = Headers::new();
        Ok(AsyncRawResponse::from_bytes(
            StatusCode::Ok,
            headers,
            answer(),
        ))
    }
}

pub(crate) fn run(bench: &Bench) {
    let options = ClientSecretCredentialOptions {
        client_options: ClientOptions {
            transport: Some(Transport::new(Arc::new(Answer))),
            ..ClientOptions::default()
        },
    };
    let secret = Secret::new("secret");
    let credential =
        ClientSecretCredential::new("tenant", "client".to_owned(), secret, Some(options))
            .expect("a credential");
    bench.credential(
        PEER,
        PEER,
        |it: &AccessToken| it.token.secret(),
        async || credential.get_token(&SCOPES, None).await.expect("a token"),
    );
    bench.header(PEER, PEER, async || {
        let token = credential.get_token(&SCOPES, None).await.expect("a token");
        bearer(token.token.secret())
    });
}
