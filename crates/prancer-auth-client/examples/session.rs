//! A whole session by hand: login, a secure call, refresh, logout, and what is rejected on the way.
//!
//! Most programs want `prancer-auth`, which does all of this by itself. With `--documented` it leaves out what the document
//! does not describe: other APIs, and the answer to a wrong kind of token.

use std::env;
use std::error::Error;

use prancer_auth_client::{
    AccessToken, Client, Credential, Error as ApiError, Password, RefreshToken, http_client, types,
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

async fn log_in(portal: &str, credentials: &types::Credentials) -> Result<types::TokenPair> {
    let http = http_client(reqwest::Client::builder())?;
    let client = Client::new_with_client(portal, http, Credential::none());
    match client.login(credentials).await {
        Ok(answer) => Ok(answer.into_inner().data),
        Err(ApiError::ErrorResponse(answer)) => Err(answer.into_inner().message.into()),
        Err(_) => Err("the portal did not answer as documented".into()),
    }
}

async fn refresh(portal: &str, refresh_token: &RefreshToken) -> Result<types::TokenPair> {
    let http = http_client(reqwest::Client::builder())?;
    let client = Client::new_with_client(portal, http, Credential::refresh_token(refresh_token)?);
    let answer = client.refresh().await.map_err(rejected)?;
    Ok(answer.into_inner().data)
}

async fn log_out(portal: &str, access_token: &AccessToken) -> Result<String> {
    let http = http_client(reqwest::Client::builder())?;
    let client = Client::new_with_client(portal, http, Credential::access_token(access_token)?);
    let answer = client.logout().await.map_err(rejected)?;
    Ok(answer.into_inner().message)
}

/// The status and the portal's reason; the error itself would show the body of the answer.
fn rejected(error: ApiError<types::ErrorEnvelope>) -> String {
    let status = error.status().map_or(0, |it| it.as_u16());
    match error {
        ApiError::ErrorResponse(answer) => format!("{status} {}", answer.into_inner().message),
        _ => format!("{status}"),
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let documented_only = env::args().any(|it| it == "--documented");
    let portal = env::var("PRANCER_PORTAL")?;
    let password = env::var("PRANCER_PASSWORD")?;
    let mut credentials = types::Credentials::new(
        env::var("PRANCER_EMAIL")?,
        Password::from(format!("{password}?")),
        env::var("PRANCER_CUSTOMER_ID")?,
    );

    let wrong = log_in(&portal, &credentials).await;
    let wrong = wrong.err().map(|it| it.to_string());
    check(
        "wrong password rejected",
        wrong.is_some_and(|it| it.contains("Invalid")),
    )?;

    credentials.password = Password::from(password);
    let tokens = log_in(&portal, &credentials).await?;
    let (access_token, refresh_token) = (tokens.token, tokens.refresh_token);
    let both = [access_token.expose(), refresh_token.expose()];
    check("logged in", both.iter().all(|it| !it.is_empty()))?;

    if !documented_only {
        let user = reqwest::Client::new()
            .get(format!("{portal}/api/user/get/"))
            .bearer_auth(access_token.expose())
            .send()
            .await?;
        check("secure call", user.status() == 200)?;
    }

    let renewed = refresh(&portal, &refresh_token).await?.token;
    check("refreshed", renewed.expose() != access_token.expose())?;

    if !documented_only {
        let wrong_token = RefreshToken::from(renewed.expose().to_owned());
        let wrong = refresh(&portal, &wrong_token).await;
        let wrong = wrong.err().map(|it| it.to_string());
        check(
            "wrong token rejected by refresh",
            wrong.is_some_and(|it| it.starts_with("422")),
        )?;
    }

    let message = log_out(&portal, &renewed).await?;
    check("logged out", message.contains("logged out"))?;

    let ended = refresh(&portal, &refresh_token).await;
    let ended = ended.err().map(|it| it.to_string());
    check(
        "refresh rejected after logout",
        ended.is_some_and(|it| it.starts_with("401")),
    )
}

fn check(what: &str, good: bool) -> Result<()> {
    if !good {
        return Err(format!("not {what}").into());
    }
    println!("ok {what}");
    Ok(())
}
