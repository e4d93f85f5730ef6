//! `prancer-auth profile`

use clap::Subcommand;
use prancer_auth::Portal;
use prancer_auth::store::SessionStore as _;
use serde::Serialize;

use crate::config::Config;
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::options::Options;
use crate::output;
use crate::settings::Settings;
use crate::store;

#[derive(Subcommand)]
#[command(
    after_help = "Examples:\n  prancer-auth profile list\n  prancer-auth profile use staging"
)]
pub(crate) enum Profile {
    /// List the profiles in the configuration file and those with a session
    List {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
        /// Print only the names, for completions
        #[arg(long, conflicts_with = "json")]
        names: bool,
    },
    /// Set the default profile
    Use {
        /// Name of the profile
        name: String,
    },
    /// Remove a profile from the configuration file, and its session from this machine
    Remove {
        /// Name of the profile
        name: String,
    },
}

#[derive(Serialize)]
struct Listed {
    name: String,
    used: bool,
    portal: Option<String>,
    /// That of the company, where there is no other.
    tenant: Option<String>,
    company: Option<String>,
}

pub(crate) async fn run(
    options: &Options,
    settings: &Settings,
    arguments: Profile,
) -> Result<(), Failure> {
    match arguments {
        Profile::List { names: true, .. } => {
            output::print(settings.profiles().join("\n").as_bytes())
        }
        Profile::List { json, .. } => list(settings, json),
        Profile::Use { name } => {
            settings.known(&name)?;
            Config::choose(&settings.config_path, &name)?;
            settings.say(&format!("Default profile set to {name}."));
            Ok(())
        }
        Profile::Remove { name } => remove(options, settings, &name).await,
    }
}

fn list(settings: &Settings, json: bool) -> Result<(), Failure> {
    let listed: Vec<_> = settings
        .profiles()
        .into_iter()
        .map(|name| {
            let said = settings.config.profiles.get(&name).cloned();
            let said = said.unwrap_or_default();
            Listed {
                used: name == settings.profile.value,
                // What is no portal may hold a password.
                portal: said.portal.filter(|it| Portal::new(it).is_ok()),
                tenant: said.tenant.or_else(|| tenant(said.company.as_deref()?)),
                company: said.company,
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

/// A company's tenant, which the portal that it is at does not change.
fn tenant(company: &str) -> Option<String> {
    let portal = Portal::new(Portal::PUBLIC).ok()?.with_company(company);
    let portal = portal.ok()?;
    let mut path = portal.url().path_segments()?;
    path.next().map(str::to_owned)
}

async fn remove(options: &Options, settings: &Settings, name: &str) -> Result<(), Failure> {
    settings.known(name)?;
    let stores = store::of_machine(&settings.of_profile(options, name)?).await?;
    for store in &stores {
        if store.load().await?.is_some_and(|it| it.tokens.is_some()) {
            let problem = format!("profile {name} is logged in");
            let failure = Failure::plain(Exit::Failed, problem);
            return Err(failure.next(failure::command("logout", Some(name))));
        }
    }
    for store in &stores {
        store.remove().await?;
    }
    Config::remove(&settings.config_path, name)?;
    settings.say(&format!("Removed the profile {name}."));
    Ok(())
}
