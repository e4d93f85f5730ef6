//! `prancer-auth profile`

use clap::Subcommand;
use prancer_auth::store::SessionStore as _;
use serde::Serialize;

use crate::config::Config;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::place;
use crate::settings::Settings;
use crate::source::{Setting, Source};

#[derive(Subcommand)]
pub(crate) enum Profile {
    /// List the profiles of the configuration file, and those that have a session
    List {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make a profile the one that is used where nothing else is said
    Use {
        /// Its name
        name: String,
    },
    /// Remove a profile from the configuration file, and its session from this machine
    Remove {
        /// Its name
        name: String,
    },
}

#[derive(Serialize)]
struct Listed {
    name: String,
    used: bool,
    portal: Option<String>,
    tenant: Option<String>,
}

pub(crate) async fn run(settings: &Settings, arguments: Profile) -> Result<(), Failure> {
    match arguments {
        Profile::List { json } => list(settings, json),
        Profile::Use { name } => {
            known(settings, &name)?;
            Config::choose(&settings.config_path, &name)?;
            settings.say(&format!("Profile {name} is used from now on."));
            Ok(())
        }
        Profile::Remove { name } => remove(settings, &name).await,
    }
}

fn list(settings: &Settings, json: bool) -> Result<(), Failure> {
    let listed: Vec<_> = settings
        .profiles()
        .into_iter()
        .map(|name| {
            let said = settings
                .config
                .profiles
                .get(&name)
                .cloned()
                .unwrap_or_default();
            Listed {
                used: name == settings.profile.value,
                portal: said.portal,
                tenant: said.tenant.or(said.company),
                name,
            }
        })
        .collect();
    if json {
        return output::json(&listed);
    }
    let lines: Vec<_> = listed
        .iter()
        .map(|it| {
            let mark = if it.used { '*' } else { ' ' };
            let portal = it.portal.as_deref().unwrap_or_default();
            let tenant = it.tenant.as_deref().unwrap_or_default();
            format!("{mark} {:<16} {portal} {tenant}", it.name)
                .trim_end()
                .to_owned()
        })
        .collect();
    output::print(lines.join("\n").as_bytes())
}

async fn remove(settings: &Settings, name: &str) -> Result<(), Failure> {
    known(settings, name)?;
    let profile = Setting::new(name, Source::Flag);
    let file = settings.session_file_of(&profile.value);
    let store = prancer_auth::store::FileStore::new(file);
    if store
        .load()
        .await?
        .is_some_and(|kept| kept.tokens.is_some())
    {
        let problem = format!("somebody is logged in; first: prancer-auth logout --profile {name}");
        return Err(Failure::plain(Exit::Failed, problem));
    }
    store.remove().await?;
    place::forget(settings, name).await;
    Config::remove(&settings.config_path, name)?;
    settings.say(&format!("Profile {name} is removed."));
    Ok(())
}

fn known(settings: &Settings, name: &str) -> Result<(), Failure> {
    if settings.profiles().iter().any(|it| it == name) {
        return Ok(());
    }
    let problem = format!(
        "there is no profile {name}; there are: {}",
        settings.profiles().join(", ")
    );
    Err(Failure::plain(Exit::Usage, problem))
}
