//! `prancer-auth token`

use std::time::{Duration, SystemTime};

use clap::{Args, ValueEnum};
use prancer_auth::{AccessToken, Error};
use serde_json::{Value, json};

use crate::ahead;
use crate::failure::Failure;
use crate::options::duration;
use crate::output;
use crate::session::{self, OpenSession};
use crate::settings::Settings;
use crate::spinner;

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    header=$(prancer-auth token --header) && echo \"$header\" | curl --header @- https://portal.prancer.io/customer1/api/user/get/\n  \
    prancer-auth token --format json --min-validity 10m\n  \
    lines=$(prancer-auth token --format env) && eval \"$lines\"")]
pub(crate) struct Token {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Raw)]
    format: Format,
    /// Same as --format header
    #[arg(long, conflicts_with_all = ["json", "format"])]
    header: bool,
    /// Same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Renew the token unless it is valid for at least this long, such as 10m or 1h
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    min_validity: Option<Duration>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Only the token
    Raw,
    /// A header line: Authorization: Bearer ...
    Header,
    /// access_token, token_type and expires_at (RFC 3339) as strings, as Terraform's external data source expects
    Json,
    /// Shell commands that set PRANCER_TOKEN and PRANCER_TOKEN_EXPIRES_AT, for `eval`
    Env,
    /// An ExecCredential, for an `exec` plugin of kubectl
    ExecCredential,
    /// The output of an AWS credential_process, with the token as SecretAccessKey and SessionToken
    AwsProcess,
}

pub(crate) async fn run(settings: &Settings, arguments: &Token) -> Result<(), Failure> {
    let format = match arguments {
        Token { header: true, .. } => Format::Header,
        Token { json: true, .. } => Format::Json,
        Token { format, .. } => *format,
    };
    let open = OpenSession::open(settings).await?;
    let token = get(settings, &open, arguments.min_validity).await?;
    let tokens = open.stored()?.tokens;
    print(format, token.expose(), tokens.map(|it| it.expires_at()))?;
    ahead::begin(settings, &open);
    Ok(())
}

/// Prints a token, with the moment of its end where the format has one.
fn print(format: Format, token: &str, end: Option<SystemTime>) -> Result<(), Failure> {
    let end = end.map(output::time);
    let json: Value = match format {
        Format::Raw => return output::print(token.as_bytes()),
        Format::Header => {
            return output::print(format!("Authorization: Bearer {token}").as_bytes());
        }
        Format::Env => {
            let end = end.unwrap_or_default();
            // No sign of either needs quoting, but a token could be anything.
            let token = token.replace('\'', r"'\''");
            let lines =
                format!("export PRANCER_TOKEN='{token}'\nexport PRANCER_TOKEN_EXPIRES_AT='{end}'");
            return output::print(lines.as_bytes());
        }
        Format::Json => {
            json!({ "access_token": token, "token_type": "Bearer", "expires_at": end })
        }
        Format::ExecCredential => json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "kind": "ExecCredential",
            "status": { "token": token, "expirationTimestamp": end },
        }),
        // Programs that read it want all of the members.
        Format::AwsProcess => json!({
            "Version": 1,
            "AccessKeyId": "prancer",
            "SecretAccessKey": token,
            "SessionToken": token,
            "Expiration": end,
        }),
    };
    output::json(&json)
}

/// A token that is valid for so long, with what it took saved.
pub(crate) async fn get(
    settings: &Settings,
    open: &OpenSession,
    min_validity: Option<Duration>,
) -> Result<AccessToken, Failure> {
    open.revived().await?;
    let session = &open.session;
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
        session::settled(session).await?;
        token
    };
    let token = spinner::wait("Asking the portal for a token", settings.quiet, call).await?;
    open.saved()?;
    Ok(token)
}
