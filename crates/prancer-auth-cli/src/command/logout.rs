//! `prancer-auth logout`

use clap::Args;
use serde::Serialize;

use crate::arguments::Options;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::output;
use crate::settings::Settings;
use crate::spinner;

#[derive(Args)]
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
    /// Where the session was; nothing where nobody was logged in.
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
            anstream::eprintln!("profile {profile}: {failure}");
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

async fn one(settings: &Settings) -> Result<Ended, Failure> {
    let keeper = Keeper::open(settings).await?;
    let mut ended = Ended {
        profile: settings.profile.value.clone(),
        portal: None,
        error: None,
    };
    if keeper.stored().is_err() {
        settings.say("Nobody is logged in.");
        return Ok(ended);
    }
    let session = &keeper.session;
    spinner::wait("Ending the session", settings.quiet, session.logout()).await?;
    settings.say(&format!("Logged out of {}.", session.portal()));
    ended.portal = Some(session.portal().to_string());
    Ok(ended)
}
