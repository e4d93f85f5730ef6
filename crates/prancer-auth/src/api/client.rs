//! The three calls of the document, through the generated client.

use std::pin::Pin;

use http::{HeaderValue, Method, StatusCode};
use prancer_auth_client::{AccessToken, Client, Credential, InvalidToken};

use super::log::Sent;
use super::rejection::Rejection;
use super::response::{self, read};
use super::tokens::{TokenRequest, Tokens};
use super::transient_error::Failure;
use super::transport::Transport;
use crate::settings::portal::Portal;

/// What a call of a [`TokenEndpoint`] comes to.
pub(crate) type TokenFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// Where tokens are issued and ended: the portal, or one that a test simulates.
pub(crate) trait TokenEndpoint: Send + Sync {
    /// Operation `login` or `refresh`.
    fn tokens<'a>(&'a self, request: &'a TokenRequest) -> TokenFuture<'a, Tokens>;

    /// Operation `logout`.
    fn log_out<'a>(&'a self, access: &'a AccessToken) -> TokenFuture<'a, ()>;
}

/// Speaks with one portal. It follows no redirect.
#[derive(Debug, Clone)]
pub(crate) struct PortalClient {
    pub(crate) portal: Portal,
    pub(crate) transport: Transport,
    pub(crate) user_agent: HeaderValue,
}

impl TokenEndpoint for PortalClient {
    fn tokens<'a>(&'a self, request: &'a TokenRequest) -> TokenFuture<'a, Tokens> {
        Box::pin(async move {
            match request {
                TokenRequest::LogIn(credentials) => {
                    let body = &credentials.0;
                    let sent = body.password.expose();
                    let (client, log) =
                        self.call(Credential::none(), Method::POST, "api/login/")?;
                    let answer = read(client.login(body).await, &client, log, sent);
                    response::tokens(answer.await?, None, sent)
                }
                TokenRequest::Refresh(refresh) => {
                    let (sent, credential) =
                        (refresh.expose(), Credential::refresh_token(refresh)?);
                    let (client, log) = self.call(credential, Method::GET, "api/refresh/token/")?;
                    let answer = read(client.refresh().await, &client, log, sent);
                    response::tokens(answer.await?, Some(refresh), sent)
                }
            }
        })
    }

    fn log_out<'a>(&'a self, access: &'a AccessToken) -> TokenFuture<'a, ()> {
        Box::pin(async move {
            let (sent, credential) = (access.expose(), Credential::access_token(access)?);
            let (client, log) = self.call(credential, Method::POST, "api/logout/")?;
            let answer = read(client.logout().await, &client, log, sent);
            answer.await.map(drop)
        })
    }
}

impl PortalClient {
    /// What makes a call, and what logs it.
    fn call(
        &self,
        credential: Credential,
        method: Method,
        path: &str,
    ) -> Result<(Client, Sent), Failure> {
        let http = self.transport.exchanges(&self.portal)?;
        let credential = credential.with_user_agent(self.user_agent.clone());
        let client = Client::new_with_client(self.portal.base_url(), http, credential);
        let mut url = self.portal.url().clone();
        url.set_path(&format!("{}{path}", url.path()));
        Ok((client, Sent::new(&method, &url)))
    }
}

impl From<InvalidToken> for Failure {
    /// A token that no header can carry is none that the portal can have meant.
    fn from(_: InvalidToken) -> Self {
        Self::unreadable(Rejection::bare(StatusCode::OK))
    }
}
