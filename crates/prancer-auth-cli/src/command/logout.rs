//! `prancer-auth logout`

use clap::Args;
use prancer_auth::Error;
use serde::Serialize;

use crate::ahead;
use crate::arguments::Options;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, OpenSession};
use crate::settings::Settings;
use crate::source::Source;
use crate::spinner;
use crate::store::{self, Store};

#[derive(Args)]
#[command(after_help = "Examples:\n  prancer-auth logout\n  prancer-auth logout --all")]
pub(crate) struct Logout {
    /// End the sessions of all profiles
    #[arg(long)]
    all: bool,
    /// Print the result as JSON, a list with --all
    #[arg(long)]
    json: bool,
}

/// What became of a profile's session.
#[derive(Serialize)]
struct Ended {
    profile: String,
    /// Where the session was; nothing where there was none.
    portal: Option<String>,
    /// Why the portal did not end it; it is gone here all the same.
    error: Option<String>,
}

pub(crate) async fn run(
    options: &Options,
    settings: &Settings,
    arguments: &Logout,
) -> Result<(), Failure> {
    if !arguments.all {
        let ended = one(settings).await?;
        return if arguments.json {
            output::json(&ended)
        } else {
            Ok(())
        };
    }
    let mut all = Vec::new();
    let mut failed = None;
    for profile in settings.profiles() {
        let ended = match Settings::of_profile(options, &profile) {
            Ok(settings) => one(&settings).await,
            Err(failure) => Err(failure),
        };
        // The others are ended all the same.
        all.push(ended.unwrap_or_else(|failure| {
            let failure = failure.of_profile(Some(&profile));
            output::say(format_args!("profile {profile}: {failure}"));
            let error = Some(failure.to_string());
            failed = Some(failure);
            Ended {
                profile,
                portal: None,
                error,
            }
        }));
    }
    if arguments.json {
        output::json(&all)?;
    }
    failed.map_or(Ok(()), Err)
}

/// Ends the session of a profile, in every store that may have it.
async fn one(settings: &Settings) -> Result<Ended, Failure> {
    let mut ended = Ended {
        profile: settings.profile.value.clone(),
        portal: None,
        error: None,
    };
    let mut failed = None;
    for store in store::all(settings).await? {
        match of_store(settings, store).await {
            Ok(portal) => ended.portal = portal.or(ended.portal),
            Err(failure) => failed = Some(failure),
        }
    }
    ahead::done(settings);
    if let Some(failure) = failed {
        return Err(failure);
    }
    if ended.portal.is_none() {
        settings.say("Not logged in.");
    }
    Ok(ended)
}

/// Ends the session in a store, and tells the portal of which it was.
async fn of_store(settings: &Settings, store: Store) -> Result<Option<String>, Failure> {
    match store.load().await {
        Err(error) if session::is_damaged(&error) => {
            let place = store.location();
            settings.say(&format!(
                "The session in {place} is damaged; it is removed. The portal cannot be told, so its tokens stay valid until they expire."
            ));
            return Ok(store.remove().await.map(|()| None)?);
        }
        loaded => {
            if loaded?.is_none_or(|it| it.tokens.is_none()) {
                return Ok(None);
            }
        }
    }
    let place = store.clone();
    let open = OpenSession::open_in(settings, store, Source::Default).await?;
    let session = &open.session;
    let ended = spinner::wait("Ending the session", settings.quiet, session.logout()).await;
    // To remove it needs no room.
    if session.status().store_failure.is_some()
        && let Err(error) = place.remove().await
    {
        let told = match &ended {
            Ok(()) | Err(Error::Store(_)) => "the session is ended at the portal",
            Err(_) => "the portal did not end the session",
        };
        let place = place.location();
        let what = format!("{told}, but {place} could not be removed");
        return Err(Failure::new(what, &error).next(format!("remove {place}")));
    }
    match ended {
        Ok(()) | Err(Error::Store(_)) => {}
        Err(error) => return Err(error.into()),
    }
    settings.say(&format!("Logged out of {}.", session.portal()));
    Ok(Some(session.portal().to_string()))
}
