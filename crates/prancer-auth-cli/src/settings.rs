//! What a command goes by: the profile, the portal, who, and where the session is kept.

use std::env;
use std::path::PathBuf;

use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
use prancer_auth::Portal;

use crate::arguments::Options;
use crate::config::{Config, ProfileConfig};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::source::{Setting, Source};

/// The profile where nothing is said of one.
const DEFAULT_PROFILE: &str = "default";

/// What a command goes by.
pub(crate) struct Settings {
    pub(crate) profile: Setting,
    pub(crate) config: Config,
    pub(crate) config_path: PathBuf,
    /// Where sessions are kept in files.
    pub(crate) state: PathBuf,
    /// The portal's URL, where something says it.
    pub(crate) portal: Option<Setting>,
    pub(crate) tenant: Option<Setting>,
    pub(crate) company: Option<Setting>,
    pub(crate) email: Option<Setting>,
    pub(crate) customer_id: Option<Setting>,
    pub(crate) store: Option<Setting>,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl Settings {
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let strategy = choose_app_strategy(AppStrategyArgs {
            top_level_domain: "io".to_owned(),
            author: "prancer".to_owned(),
            app_name: "prancer-auth".to_owned(),
        });
        let strategy =
            strategy.map_err(|error| Failure::new("cannot find the home folder", &error))?;
        let config_path = match env::var_os("PRANCER_CONFIG").filter(|path| !path.is_empty()) {
            Some(path) => path.into(),
            None => strategy.config_dir().join("config.toml"),
        };
        let config = Config::read(&config_path)?;
        let chosen = config.profile.as_deref();
        let profile = Setting::find(options.profile.as_deref(), "PRANCER_PROFILE", chosen);
        let profile = profile.unwrap_or_else(|| Setting::new(DEFAULT_PROFILE, Source::Default));
        refuse_odd_name(&profile.value)?;
        let said = config.profiles.get(&profile.value).cloned();
        let ProfileConfig {
            portal,
            tenant,
            company,
            email,
            customer_id,
            store,
        } = said.unwrap_or_default();
        let find = |flag: Option<&str>, variable, profile: Option<String>| {
            Setting::find(flag, variable, profile.as_deref())
        };
        Ok(Self {
            portal: find(options.portal.as_deref(), "PRANCER_PORTAL", portal),
            tenant: find(options.tenant.as_deref(), "PRANCER_TENANT", tenant),
            company: find(None, "PRANCER_COMPANY", company),
            email: find(None, "PRANCER_EMAIL", email),
            customer_id: find(None, "PRANCER_CUSTOMER_ID", customer_id),
            store: find(options.store.as_deref(), "PRANCER_STORE", store),
            profile,
            config,
            config_path,
            state: strategy.state_dir().unwrap_or_else(|| strategy.data_dir()),
            quiet: options.quiet,
            verbose: options.verbose,
        })
    }

    /// The same for another profile.
    pub(crate) fn of_profile(options: &Options, profile: &str) -> Result<Self, Failure> {
        Self::new(&Options {
            profile: Some(profile.to_owned()),
            portal: None,
            tenant: None,
            store: None,
            ..*options
        })
    }

    /// The portal that is meant, apart from any session; `None` where nothing says one.
    pub(crate) fn portal(&self) -> Result<Option<Portal>, Failure> {
        let url = self.portal.as_ref().map(|it| it.value.as_str());
        if url.is_none() && self.tenant.is_none() && self.company.is_none() {
            return Ok(None);
        }
        let portal = Portal::new(url.unwrap_or(Portal::PUBLIC))?;
        Ok(Some(match (&self.tenant, &self.company) {
            (Some(tenant), _) => portal.with_tenant(&tenant.value)?,
            (None, Some(company)) => portal.with_company(&company.value)?,
            (None, None) => portal,
        }))
    }

    /// The file of this profile's session.
    pub(crate) fn session_file(&self) -> PathBuf {
        self.session_file_of(&self.profile.value)
    }

    /// The file of a profile's session.
    pub(crate) fn session_file_of(&self, profile: &str) -> PathBuf {
        match profile {
            DEFAULT_PROFILE => self.state.join("session.json"),
            profile => self.state.join(format!("session-{profile}.json")),
        }
    }

    /// Says something that is no result, unless nothing is to be said.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            anstream::eprintln!("{text}");
        }
    }

    /// All profiles: those of the file, and those that have sessions in files.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let mut profiles: Vec<_> = self.config.profiles.keys().cloned().collect();
        let entries = std::fs::read_dir(&self.state)
            .into_iter()
            .flatten()
            .flatten();
        profiles.extend(entries.filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            match name.strip_prefix("session")?.strip_suffix(".json")? {
                "" => Some(DEFAULT_PROFILE.to_owned()),
                profile => profile.strip_prefix('-').map(str::to_owned),
            }
        }));
        profiles.push(self.profile.value.clone());
        profiles.sort();
        profiles.dedup();
        profiles
    }
}

/// A profile's name is part of a file's name.
fn refuse_odd_name(name: &str) -> Result<(), Failure> {
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if !name.is_empty() && name.chars().all(letters) {
        return Ok(());
    }
    let problem = format!("`{name}` is no name of a profile; letters, digits, -, _ and . are");
    Err(Failure::plain(Exit::Usage, problem))
}
