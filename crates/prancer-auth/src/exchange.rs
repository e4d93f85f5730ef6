//! The three calls of the document, through the generated client.

use std::fmt;

use http::HeaderValue;
use prancer_auth_client::{
    AccessToken, Client, ClientInfo as _, Credential, InvalidToken, RefreshToken,
};

use crate::answer::{self, Answer, Data};
use crate::credentials::Credentials;
use crate::error::Error;
use crate::portal::Portal;

/// The tokens of a session, and the header that carries the first of them.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: AccessToken,
    pub(crate) refresh: RefreshToken,
    pub(crate) authorization: HeaderValue,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

impl Tokens {
    /// Refuses tokens that no header can carry.
    pub(crate) fn new(access: AccessToken, refresh: RefreshToken) -> Result<Self, InvalidToken> {
        refresh.bearer()?;
        Ok(Self {
            authorization: access.bearer()?,
            access,
            refresh,
        })
    }
}

/// Speaks with one portal. It follows no redirect.
#[derive(Debug, Clone)]
pub(crate) struct Exchange {
    pub(crate) portal: Portal,
    pub(crate) http: reqwest::Client,
    pub(crate) user_agent: HeaderValue,
}

impl Exchange {
    /// Operation `login`.
    pub(crate) async fn login(&self, credentials: &Credentials) -> Result<Tokens, Error> {
        let client = self.client(Credential::none());
        let body = credentials.body();
        let sent = [body.password.expose()];
        let result = client.login(body).await;
        let answer = answer::read(result, client.inner().status(), &sent).await?;
        tokens(answer, None, &sent)
    }

    /// Operation `refresh`. Where the answer has no new refresh token, the old one goes on.
    pub(crate) async fn refresh(&self, refresh: &RefreshToken) -> Result<Tokens, Error> {
        let client = self.client(Credential::refresh_token(refresh)?);
        let sent = [refresh.expose()];
        let result = client.refresh().await;
        let answer = answer::read(result, client.inner().status(), &sent).await?;
        tokens(answer, Some(refresh), &sent)
    }

    /// Operation `logout`.
    pub(crate) async fn logout(&self, access: &AccessToken) -> Result<(), Error> {
        let client = self.client(Credential::access_token(access)?);
        let sent = [access.expose()];
        let result = client.logout().await;
        answer::read(result, client.inner().status(), &sent).await?;
        Ok(())
    }

    fn client(&self, credential: Credential) -> Client {
        let credential = credential.with_user_agent(self.user_agent.clone());
        Client::new_with_client(self.portal.base_url(), self.http.clone(), credential)
    }
}

fn tokens(answer: Answer, old: Option<&RefreshToken>, sent: &[&str]) -> Result<Tokens, Error> {
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
