//! `prancer-auth logout`

use clap::Args;
use prancer_auth::Error;
use serde::Serialize;

use crate::ahead;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::Options;
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
        let (ended, failed) = one(settings).await;
        if arguments.json {
            output::json(&ended)?;
        }
        return failed.map_or(Ok(()), Err);
    }
    options.check_all()?;
    let mut all = Vec::new();
    let mut failures = 0;
    let mut exit = Exit::Failed;
    for profile in settings.profiles() {
        let (ended, failed) = match settings.of_profile(options, &profile) {
            Ok(settings) => one(&settings).await,
            Err(failure) => (Ended::failed(&profile, &failure), Some(failure)),
        };
        // The others are ended all the same.
        if let Some(failure) = failed {
            failures += 1;
            exit = failure.exit;
            let failure = failure.about(format!("profile {profile}"));
            output::say(failure.of_profile(Some(&profile)));
        }
        all.push(ended);
    }
    if arguments.json {
        output::json(&all)?;
    }
    if failures == 0 {
        return Ok(());
    }
    let problem = format!(
        "{failures} of {} profiles could not be logged out",
        all.len()
    );
    Err(Failure::plain(exit, problem))
}

impl Ended {
    fn failed(profile: &str, failure: &Failure) -> Self {
        Self {
            profile: profile.to_owned(),
            portal: None,
            error: Some(failure.message()),
        }
    }
}

/// Ends the session of a profile, in every store that may have it.
async fn one(settings: &Settings) -> (Ended, Option<Failure>) {
    let profile = &settings.profile.value;
    let stores = match store::all(settings).await {
        Ok(stores) => stores,
        Err(failure) => return (Ended::failed(profile, &failure), Some(failure)),
    };
    let (mut portal, mut failed) = (None, None);
    for store in stores {
        match of_store(settings, store).await {
            Ok(ended) => portal = ended.or(portal),
            Err(failure) => failed = Some(failure),
        }
    }
    ahead::done(settings);
    if portal.is_none() && failed.is_none() {
        settings.say("Not logged in.");
    }
    let ended = Ended {
        profile: profile.clone(),
        portal,
        error: failed.as_ref().map(Failure::message),
    };
    (ended, failed)
}

/// Ends the session in a store, and tells the portal of which it was.
async fn of_store(settings: &Settings, store: Store) -> Result<Option<String>, Failure> {
    match store.load().await {
        Err(error) if session::is_damaged(&error) => {
            let place = store.location();
            store.remove().await?;
            settings.say(&format!(
                "The session in {place} is damaged and was removed. Its tokens could not be ended at the portal and stay valid until they expire."
            ));
            return Ok(None);
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
        let failure = Failure::new(what, &error);
        let file = settings.session_file(&settings.profile.value);
        return Err(if file.display().to_string() == place {
            failure.next(format!("remove {place}"))
        } else {
            failure
                .next("when the store answers again")
                .next_command("logout")
        });
    }
    match ended {
        Ok(()) | Err(Error::Store(_)) => {}
        Err(error) => return Err(error.into()),
    }
    settings.say(&format!("Logged out of {}.", session.portal()));
    Ok(Some(session.portal().to_string()))
}
