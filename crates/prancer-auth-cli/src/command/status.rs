//! `prancer-auth status`

use std::time::{Duration, SystemTime};

use clap::Args;
use prancer_auth::Session;
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::output;
use crate::settings::Settings;
use crate::source::Source;

#[derive(Args)]
pub(crate) struct Status {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print nothing; the exit code tells: 0 where the token is valid, 4 where a login is needed or it has expired
    #[arg(long, conflicts_with = "json")]
    check: bool,
}

/// How the session stands. No field of it is a secret.
#[derive(Serialize)]
pub(crate) struct Report {
    profile: String,
    profile_source: Source,
    portal: String,
    portal_source: Source,
    user: Option<String>,
    valid: bool,
    expires_at: String,
    valid_for_s: u64,
    renews_in_s: u64,
    access_token: String,
    refresh_token: String,
    store: String,
    store_source: Source,
}

pub(crate) async fn run(settings: &Settings, arguments: &Status) -> Result<(), Failure> {
    let keeper = Keeper::open(settings).await?;
    let report = report(settings, &keeper)?;
    if arguments.check {
        let expired = Failure::plain(Exit::Login, "the access token has expired");
        return if report.valid { Ok(()) } else { Err(expired) };
    }
    if arguments.json {
        return output::json(&report);
    }
    let valid = if report.valid {
        format!("for {}", rounded(report.valid_for_s))
    } else {
        "expired; renewed at the next use".to_owned()
    };
    let renews = if report.renews_in_s > 0 {
        format!("in about {}", rounded(report.renews_in_s))
    } else {
        "at the next use".to_owned()
    };
    let lines = [
        format!(
            "profile        {} ({})",
            report.profile, report.profile_source
        ),
        format!(
            "portal         {} ({})",
            report.portal, report.portal_source
        ),
        format!(
            "user           {}",
            report.user.as_deref().unwrap_or("unknown")
        ),
        format!("access token   {}", report.access_token),
        format!("valid          {valid}"),
        format!("renews         {renews}"),
        format!("refresh token  {}", report.refresh_token),
        format!("kept in        {} ({})", report.store, report.store_source),
    ];
    output::print(lines.join("\n").as_bytes())
}

/// How the session stands that is kept; nothing is sent.
pub(crate) fn report(settings: &Settings, keeper: &Keeper) -> Result<Report, Failure> {
    let stored = keeper.session.stored();
    let stored = stored.as_ref().map_or_else(|| keeper.stored(), Ok)?;
    let portal = keeper.session.portal().url().as_str();
    if portal != stored.identity.portal {
        return Err(prancer_auth::Error::OtherPortal(stored.identity.portal.clone()).into());
    }
    let tokens = stored.tokens.as_ref().ok_or_else(Failure::not_logged_in)?;
    let left = tokens.expires_at().duration_since(SystemTime::now());
    let left = left.unwrap_or_default();
    // Every process draws its own moment: this is about when.
    let resumed = Session::builder(keeper.session.portal().clone()).resume(stored.clone());
    let renews_in = resumed.build()?.status().renews_in.unwrap_or_default();
    Ok(Report {
        profile: settings.profile.value.clone(),
        profile_source: settings.profile.source,
        portal: stored.identity.portal.clone(),
        portal_source: keeper.portal_source,
        user: stored.identity.email.clone(),
        valid: !left.is_zero(),
        expires_at: output::time(tokens.expires_at()),
        valid_for_s: left.as_secs(),
        renews_in_s: renews_in.as_secs(),
        access_token: masked(tokens.access_token.expose()),
        refresh_token: masked(tokens.refresh_token.expose()),
        store: keeper.session.status().store.unwrap_or_default(),
        store_source: keeper.store_source,
    })
}

/// Nothing of a token but how long it is.
fn masked(token: &str) -> String {
    format!("******** ({} characters)", token.chars().count())
}

/// Whole seconds below an hour, whole minutes above.
fn rounded(seconds: u64) -> humantime::FormattedDuration {
    let unit = if seconds < 3600 { 1 } else { 60 };
    humantime::format_duration(Duration::from_secs(seconds / unit * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_exact_as_a_person_wants_it() {
        let shown = |seconds| rounded(seconds).to_string();
        assert_eq!(shown(59), "59s");
        assert_eq!(shown(6 * 86_400 + 86_399), "6days 23h 59m");
    }
}
