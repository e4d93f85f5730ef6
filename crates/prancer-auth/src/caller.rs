//! The three calls of the document, through the generated client.

use http::{HeaderValue, StatusCode};
use prancer_auth_client::{
    AccessToken, Client, ClientInfo as _, Credential, InvalidToken, RefreshToken,
};

use crate::answer::{self, Answer, Data};
use crate::credentials::Credentials;
use crate::portal::Portal;
use crate::rejection::Rejection;
use crate::transport::Transport;
use crate::trouble::Failure;

/// The tokens of a session.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: AccessToken,
    pub(crate) refresh: RefreshToken,
}

impl Tokens {
    /// Refuses tokens that no header can carry.
    pub(crate) fn new(access: AccessToken, refresh: RefreshToken) -> Result<Self, InvalidToken> {
        access.bearer()?;
        refresh.bearer()?;
        Ok(Self { access, refresh })
    }
}

/// What is asked of the portal, and with what.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    LogIn(Credentials),
    Refresh(RefreshToken),
}

/// Speaks with one portal. It follows no redirect.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) portal: Portal,
    pub(crate) transport: Transport,
    pub(crate) user_agent: HeaderValue,
}

impl Caller {
    pub(crate) async fn ask(&self, ask: &Ask) -> Result<Tokens, Failure> {
        match ask {
            Ask::LogIn(credentials) => self.login(credentials).await,
            Ask::Refresh(refresh) => self.refresh(refresh).await,
        }
    }

    /// Operation `login`.
    async fn login(&self, credentials: &Credentials) -> Result<Tokens, Failure> {
        let client = self.client(Credential::none())?;
        let body = credentials.body();
        let sent = [body.password.expose()];
        let result = client.login(body).await;
        let answer = answer::read(result, client.inner().status(), &sent).await?;
        tokens(answer, None, &sent)
    }

    /// Operation `refresh`. Where the answer has no new refresh token, the old one goes on.
    async fn refresh(&self, refresh: &RefreshToken) -> Result<Tokens, Failure> {
        let client = self.client(Credential::refresh_token(refresh)?)?;
        let sent = [refresh.expose()];
        let result = client.refresh().await;
        let answer = answer::read(result, client.inner().status(), &sent).await?;
        tokens(answer, Some(refresh), &sent)
    }

    /// Operation `logout`.
    pub(crate) async fn logout(&self, access: &AccessToken) -> Result<(), Failure> {
        let client = self.client(Credential::access_token(access)?)?;
        let sent = [access.expose()];
        let result = client.logout().await;
        answer::read(result, client.inner().status(), &sent).await?;
        Ok(())
    }

    fn client(&self, credential: Credential) -> Result<Client, Failure> {
        let http = self.transport.exchanges().map_err(Failure::unreachable)?;
        let credential = credential.with_user_agent(self.user_agent.clone());
        let base_url = self.portal.base_url();
        Ok(Client::new_with_client(base_url, http.clone(), credential))
    }
}

fn tokens(answer: Answer, old: Option<&RefreshToken>, sent: &[&str]) -> Result<Tokens, Failure> {
    match &answer.data {
        Some(Data {
            token: Some(access),
            refresh_token,
            ..
        }) => match refresh_token.as_ref().or(old) {
            Some(refresh) => Ok(Tokens::new(access.clone(), refresh.clone())?),
            None => Err(answer::no_tokens(answer, sent)),
        },
        _ => Err(answer::no_tokens(answer, sent)),
    }
}

impl From<InvalidToken> for Failure {
    /// A token that no header can carry is none that the portal can have meant.
    fn from(_: InvalidToken) -> Self {
        Self::unreadable(Rejection::bare(StatusCode::OK))
    }
}
