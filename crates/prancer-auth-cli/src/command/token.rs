//! `prancer-auth token`

use std::time::Duration;

use clap::Args;
use prancer_auth::{AccessToken, Error};
use serde::Serialize;

use crate::arguments::duration;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::output;
use crate::settings::Settings;
use crate::spinner;

#[derive(Args)]
pub(crate) struct Token {
    /// Print a whole header line: Authorization: Bearer ...
    #[arg(long, conflicts_with = "json")]
    header: bool,
    /// Print access_token, token_type and expires_at (RFC 3339) as JSON
    #[arg(long)]
    json: bool,
    /// Renew the token unless it is valid for so long, such as 10m or 1h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    min_validity: Option<Duration>,
}

/// What other programs take.
#[derive(Serialize)]
struct Credential<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_at: Option<String>,
}

pub(crate) async fn run(settings: &Settings, arguments: &Token) -> Result<(), Failure> {
    let keeper = Keeper::open(settings).await?;
    let token = get(settings, &keeper, arguments.min_validity).await?;
    let token = token.expose();
    if arguments.json {
        let stored = keeper.session.stored().and_then(|stored| stored.tokens);
        let expires_at = stored.map(|tokens| output::time(tokens.expires_at()));
        return output::json(&Credential {
            access_token: token,
            token_type: "Bearer",
            expires_at,
        });
    }
    if arguments.header {
        return output::print(format!("Authorization: Bearer {token}").as_bytes());
    }
    output::print(token.as_bytes())
}

/// A token that is valid for so long, with what it took kept.
pub(crate) async fn get(
    settings: &Settings,
    keeper: &Keeper,
    min_validity: Option<Duration>,
) -> Result<AccessToken, Failure> {
    let session = &keeper.session;
    let call = async {
        let token = match min_validity {
            Some(time) => match session.token_valid_for(time).await {
                Err(error @ Error::ShortLived { .. }) => {
                    settings.say(&format!("warning: {error}"));
                    session.token().await
                }
                token => token,
            },
            None => session.token().await,
        };
        session.settled().await?;
        token
    };
    Ok(spinner::wait("Asking the portal for a token", settings.quiet, call).await?)
}
