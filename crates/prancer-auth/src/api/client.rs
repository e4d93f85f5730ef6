//! The three calls of the document, through the generated client.

use std::pin::Pin;

use http::{HeaderValue, Method, StatusCode};
use prancer_auth_client::{
    AccessToken, Client, ClientInfo as _, Credential, InvalidToken, RefreshToken,
};

use super::log::Sent;
use super::rejection::Rejection;
use super::response::{self, Response};
use super::tokens::{TokenRequest, Tokens};
use super::transient_error::Failure;
use super::transport::Transport;
use crate::settings::credentials::Credentials;
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

impl TokenEndpoint for PortalClient {
    fn tokens<'a>(&'a self, request: &'a TokenRequest) -> TokenFuture<'a, Tokens> {
        Box::pin(async move {
            match request {
                TokenRequest::LogIn(credentials) => self.login(credentials).await,
                TokenRequest::Refresh(refresh) => self.refresh(refresh).await,
            }
        })
    }

    fn log_out<'a>(&'a self, access: &'a AccessToken) -> TokenFuture<'a, ()> {
        Box::pin(self.logout(access))
    }
}

/// Speaks with one portal. It follows no redirect.
#[derive(Debug, Clone)]
pub(crate) struct PortalClient {
    pub(crate) portal: Portal,
    pub(crate) transport: Transport,
    pub(crate) user_agent: HeaderValue,
}

impl PortalClient {
    /// Operation `login`.
    async fn login(&self, credentials: &Credentials) -> Result<Tokens, Failure> {
        let client = self.client(Credential::none())?;
        let (body, log) = (credentials.body(), self.sent(Method::POST, "api/login/"));
        let answer = log.called(client.login(body).await, client.inner().status());
        let sent = body.password.expose();
        tokens(response::read(answer, sent).await?, None, sent)
    }

    /// Operation `refresh`. Where the answer has no new refresh token, the old one goes on.
    async fn refresh(&self, refresh: &RefreshToken) -> Result<Tokens, Failure> {
        let client = self.client(Credential::refresh_token(refresh)?)?;
        let log = self.sent(Method::GET, "api/refresh/token/");
        let answer = log.called(client.refresh().await, client.inner().status());
        let sent = refresh.expose();
        tokens(response::read(answer, sent).await?, Some(refresh), sent)
    }

    /// Operation `logout`.
    async fn logout(&self, access: &AccessToken) -> Result<(), Failure> {
        let client = self.client(Credential::access_token(access)?)?;
        let log = self.sent(Method::POST, "api/logout/");
        let answer = log.called(client.logout().await, client.inner().status());
        response::read(answer, access.expose()).await.map(drop)
    }

    fn sent(&self, method: Method, path: &str) -> Sent {
        let mut url = self.portal.url().clone();
        url.set_path(&format!("{}{path}", url.path()));
        Sent::new(method, &url)
    }

    fn client(&self, credential: Credential) -> Result<Client, Failure> {
        let http = self.transport.exchanges(&self.portal)?;
        let credential = credential.with_user_agent(self.user_agent.clone());
        let base_url = self.portal.base_url();
        Ok(Client::new_with_client(base_url, http, credential))
    }
}

fn tokens(response: Response, old: Option<&RefreshToken>, sent: &str) -> Result<Tokens, Failure> {
    let data = response.data.as_ref();
    let access = data.and_then(|it| it.token.clone());
    let refresh = data.and_then(|it| it.refresh_token.as_ref()).or(old);
    match (access, refresh) {
        (Some(access), Some(refresh)) => Ok(Tokens::new(access, refresh.clone())?),
        _ => Err(response::no_tokens(response, sent)),
    }
}

impl From<InvalidToken> for Failure {
    /// A token that no header can carry is none that the portal can have meant.
    fn from(_: InvalidToken) -> Self {
        Self::unreadable(Rejection::bare(StatusCode::OK))
    }
}
