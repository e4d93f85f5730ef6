//! `prancer-auth status`

use std::time::{Duration, SystemTime};

use clap::Args;
use prancer_auth::Error;
use prancer_auth::store::StoredSession;
use serde::Serialize;
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Options;
use crate::output;
use crate::plain_text::one_line;
use crate::session::{self, OpenSession};
use crate::settings::Settings;
use crate::source::Source;
use crate::spinner;

#[derive(Args)]
#[command(
    after_help = "Examples:\n  prancer-auth status\n  prancer-auth status --all\n  \
    prancer-auth status --check --verify || prancer-auth login"
)]
pub(crate) struct Status {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Print nothing; exit with 0 if the access token is valid, 4 if not
    #[arg(long, conflicts_with = "json")]
    check: bool,
    /// Check the session with the portal; an expired token is renewed
    #[arg(long)]
    verify: bool,
    /// List every profile and its session
    #[arg(long, conflicts_with_all = ["check", "verify"])]
    all: bool,
}

/// How the session stands. No field of it is a secret.
#[derive(Serialize)]
pub(crate) struct Report {
    profile: String,
    profile_source: Source,
    portal: String,
    portal_source: Source,
    user: Option<String>,
    /// Whether the access token is valid, as far as is known.
    valid: bool,
    /// Whether the portal was asked, and served the access token.
    verified: bool,
    /// `logged in`, `expired`, or `renewal due` where only the refresh token is valid.
    state: &'static str,
    expires_at: String,
    valid_for_s: u64,
    renews_in_s: u64,
    access_token: String,
    refresh_token: String,
    store: String,
    store_source: Source,
}

/// A line of all profiles.
#[derive(Serialize)]
struct Line {
    profile: String,
    used: bool,
    state: String,
    portal: Option<String>,
    user: Option<String>,
}

pub(crate) async fn run(
    options: &Options,
    settings: &Settings,
    arguments: &Status,
) -> Result<(), Failure> {
    if arguments.all {
        options.check_all()?;
        return all(options, settings, arguments.json).await;
    }
    let open = OpenSession::open(settings).await?;
    // What is wrong without asking needs no question.
    report(settings, &open)?;
    if arguments.verify {
        verify(settings, &open).await?;
    }
    let report = Report {
        verified: arguments.verify,
        ..report(settings, &open)?
    };
    if arguments.check {
        return if report.valid {
            Ok(())
        } else {
            Err(report.invalid(&open))
        };
    }
    if arguments.json {
        return output::json(&report);
    }
    output::print(report.text(settings).as_bytes())
}

impl Report {
    /// Why the access token is not valid, and what mends it.
    fn invalid(&self, open: &OpenSession) -> Failure {
        const EXPIRED: &str = "the access token has expired";
        match self.state {
            "renewal due" => {
                let message = format!("{EXPIRED}; it is renewed at the next use");
                Failure::plain(Exit::Login, message).next_command("refresh")
            }
            _ => open
                .rejected()
                .unwrap_or_else(|| Failure::login_needed(EXPIRED)),
        }
    }

    fn text(&self, settings: &Settings) -> String {
        let verified = if self.verified {
            ", verified at the portal"
        } else {
            ""
        };
        let valid = match self.state {
            "logged in" => format!("for {}{verified}", rounded(self.valid_for_s)),
            "expired" => format!("expired; log in again: {}", settings.command("login")),
            _ => "expired; renewed at the next use".to_owned(),
        };
        let renewal = match self.state {
            "expired" => "none".to_owned(),
            _ if self.renews_in_s > 0 => format!("in about {}", rounded(self.renews_in_s)),
            _ => "at the next use".to_owned(),
        };
        let user = self.user.as_deref().unwrap_or("unknown");
        [
            format!("profile        {} ({})", self.profile, self.profile_source),
            format!("portal         {} ({})", self.portal, self.portal_source),
            format!("user           {}", one_line(user)),
            format!("access token   {}", self.access_token),
            format!("valid          {valid}"),
            format!("renewal        {renewal}"),
            format!("refresh token  {}", self.refresh_token),
            format!("stored in      {} ({})", self.store, self.store_source),
        ]
        .join("\n")
    }
}

/// An API that every user may call.
const PATH: &str = "user/get/";

/// Asks that API. A token that it rejects is renewed by the session.
async fn verify(settings: &Settings, open: &OpenSession) -> Result<(), Failure> {
    open.revived().await?;
    let call = async {
        let answer = open.session.get(PATH).envelope::<Value>().await;
        session::settled(&open.session).await?;
        answer
    };
    let answer = spinner::wait("Asking the portal", settings.quiet, call).await;
    open.saved()?;
    let url = format!("{}api/{PATH}", open.session.portal());
    let none = |said: &str| Failure::no_portal(&url, said);
    let said = match answer {
        Ok(envelope) if envelope.data.is_some() || envelope.status.is_some() => return Ok(()),
        Ok(_) => return Err(none("no envelope")),
        Err(Error::Unreadable(said)) => return Err(none(&said.to_string())),
        Err(Error::Rejected(said)) => said,
        Err(error) => return Err(error.into()),
    };
    let message = format!("{url}: the portal rejected the request: {said}");
    Err(match said.status.as_u16() {
        401 => Failure::login_needed(message),
        404 => none(&said.to_string()),
        429 | 500.. => Failure::plain(Exit::Unreachable, message).next("try again later"),
        _ => Failure::plain(Exit::Failed, message)
            .next("ask the administrator whether this user may call it"),
    })
}

async fn all(options: &Options, settings: &Settings, json: bool) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for profile in settings.profiles() {
        lines.push(line(options, settings, profile).await);
    }
    if json {
        return output::json(&lines);
    }
    let texts = lines.iter().map(|it| {
        let mark = if it.used { '*' } else { ' ' };
        let user = one_line(it.user.as_deref().unwrap_or_default());
        let portal = it.portal.as_deref().unwrap_or_default();
        let text = format!("{mark} {:<16} {:<14} {portal} {user}", it.profile, it.state);
        text.trim_end().to_owned()
    });
    output::print(texts.collect::<Vec<_>>().join("\n").as_bytes())
}

async fn line(options: &Options, settings: &Settings, profile: String) -> Line {
    let report = async {
        let settings = settings.of_profile(options, &profile)?;
        let open = OpenSession::open(&settings).await?;
        report(&settings, &open)
    };
    let report = report.await;
    let state = match &report {
        Ok(report) => report.state.to_owned(),
        Err(failure) => failure.message(),
    };
    let report = report.ok();
    Line {
        used: profile == settings.profile.value,
        profile,
        state,
        portal: report.as_ref().map(|it| it.portal.clone()),
        user: report.and_then(|it| it.user),
    }
}

/// How the session stands that is stored; nothing is sent.
pub(crate) fn report(settings: &Settings, open: &OpenSession) -> Result<Report, Failure> {
    let stored = open.stored()?;
    // Fails as a token does where the session is another's.
    let apart = open.apart()?;
    let tokens = stored.tokens.as_ref().ok_or_else(Failure::not_logged_in)?;
    let left = tokens.expires_at().duration_since(SystemTime::now());
    let left = left.unwrap_or_default();
    let (valid, state) = state(&stored, left, open.revives());
    Ok(Report {
        profile: settings.profile.value.clone(),
        profile_source: settings.profile.source,
        portal: stored.identity.portal.clone(),
        portal_source: open.portal_source,
        user: stored.identity.email.clone(),
        valid,
        verified: false,
        state,
        expires_at: output::time(tokens.expires_at()),
        valid_for_s: if valid { left.as_secs() } else { 0 },
        // Every process draws its own moment: this is about when.
        renews_in_s: apart.status().renews_in.unwrap_or_default().as_secs(),
        access_token: masked(tokens.access_token.expose()),
        refresh_token: masked(tokens.refresh_token.expose()),
        store: open.session.status().store.unwrap_or_default(),
        store_source: open.store_source,
    })
}

/// Whether the access token is valid, as far as is known, and how the session stands.
fn state(stored: &StoredSession, left: Duration, revives: bool) -> (bool, &'static str) {
    let dead = stored.refresh_rejected.is_some();
    let tokens = stored.tokens.as_ref();
    let refresh_end = tokens.and_then(|it| it.refresh_token_expires_at());
    let refresh_expired = refresh_end.is_some_and(|end| end <= SystemTime::now());
    match (dead, left.is_zero()) {
        (false, false) => (true, "logged in"),
        (false, true) if !refresh_expired => (false, "renewal due"),
        _ if revives => (false, "renewal due"),
        _ => (false, "expired"),
    }
}

/// Nothing of a token but how long it is.
fn masked(token: &str) -> String {
    format!("******** ({} characters)", token.chars().count())
}

/// As exact as a person wants it: the two largest units.
fn rounded(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{minutes} min {} s", seconds % 60),
        3600..86_400 => format!("{hours} h {} min", minutes % 60),
        86_400..172_800 => format!("1 day {} h", hours % 24),
        _ => format!("{days} days {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_exact_as_a_person_wants_it() {
        for (seconds, shown) in [
            (59, "59 s"),
            (61, "1 min 1 s"),
            (2 * 3600 + 119, "2 h 1 min"),
            (90_000, "1 day 1 h"),
            (6 * 86_400 + 86_399, "6 days 23 h"),
        ] {
            assert_eq!(rounded(seconds), shown);
        }
    }
}
