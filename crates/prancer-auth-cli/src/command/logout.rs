//! `prancer-auth logout`

use clap::Args;

use crate::arguments::Options;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::settings::Settings;
use crate::spinner;

#[derive(Args)]
pub(crate) struct Logout {
    /// End the sessions of all profiles
    #[arg(long)]
    all: bool,
}

pub(crate) async fn run(
    options: &Options,
    settings: &Settings,
    arguments: &Logout,
) -> Result<(), Failure> {
    if !arguments.all {
        return one(settings).await;
    }
    let mut failed = None;
    for profile in settings.profiles() {
        let ended = match Settings::of_profile(options, &profile) {
            Ok(settings) => one(&settings).await,
            Err(failure) => Err(failure),
        };
        // The others are ended all the same.
        if let Err(failure) = ended {
            anstream::eprintln!("profile {profile}: {failure}");
            failed = Some(failure);
        }
    }
    failed.map_or(Ok(()), Err)
}

async fn one(settings: &Settings) -> Result<(), Failure> {
    let keeper = Keeper::open(settings).await?;
    if keeper.stored().is_err() {
        settings.say("Nobody is logged in.");
        return Ok(());
    }
    let session = &keeper.session;
    spinner::wait("Ending the session", settings.quiet, session.logout()).await?;
    settings.say(&format!("Logged out of {}.", session.portal()));
    Ok(())
}
