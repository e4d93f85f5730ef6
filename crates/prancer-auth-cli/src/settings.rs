//! What a command goes by: the profile, the portal, the user, and where the session is stored.

use std::env;
use std::path::PathBuf;

use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};
use prancer_auth::store::StoredSession;
use prancer_auth::{Credentials, Identity, Password, Portal};

use crate::config::{Config, ProfileConfig};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::options::Options;
use crate::output;
use crate::plain_text::one_line;
use crate::profile_name::{self, DEFAULT};
use crate::source::{Setting, Source, variable};

/// What a command goes by.
pub(crate) struct Settings {
    pub(crate) profile: Setting,
    pub(crate) config: Config,
    pub(crate) config_path: PathBuf,
    /// The folder of sessions in files.
    pub(crate) state: PathBuf,
    /// The portal's URL, where something says it.
    pub(crate) portal: Option<Setting>,
    pub(crate) tenant: Option<Setting>,
    pub(crate) company: Option<Setting>,
    pub(crate) email: Option<Setting>,
    pub(crate) customer_id: Option<Setting>,
    pub(crate) store: Option<Setting>,
    /// That of the environment.
    pub(crate) password: Option<Password>,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
}

impl Settings {
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        Self::read(options, true)
    }

    /// The same for another profile. Flags and variables are not meant for that.
    pub(crate) fn of_profile(&self, options: &Options, profile: &str) -> Result<Self, Failure> {
        let options = Options {
            profile: Some(profile.to_owned()),
            portal: None,
            tenant: None,
            store: None,
            ..*options
        };
        Self::read(&options, profile == self.profile.value)
    }

    fn read(options: &Options, variables: bool) -> Result<Self, Failure> {
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
        let profile = Setting::find(options.profile.as_deref(), Some("PRANCER_PROFILE"), chosen)?;
        let profile = profile.unwrap_or_else(|| Setting::new(DEFAULT, Source::Default));
        profile_name::check(&profile.value)?;
        let of_profile = config.profiles.get(&profile.value).cloned();
        let ProfileConfig {
            portal,
            tenant,
            company,
            email,
            customer_id,
            store,
        } = of_profile.unwrap_or_default();
        let find = |flag: Option<&str>, variable, profile: Option<String>| {
            let variable = Some(variable).filter(|_| variables);
            Setting::find(flag, variable, profile.as_deref())
        };
        let password = match variables {
            true => variable("PRANCER_PASSWORD")?.map(Password::from),
            false => None,
        };
        let mut settings = Self {
            portal: find(options.portal.as_deref(), "PRANCER_PORTAL", portal)?,
            tenant: find(options.tenant.as_deref(), "PRANCER_TENANT", tenant)?,
            company: None,
            email: find(None, "PRANCER_EMAIL", email)?,
            customer_id: find(None, "PRANCER_CUSTOMER_ID", customer_id)?,
            store: find(options.store.as_deref(), "PRANCER_STORE", store)?,
            password,
            profile,
            config,
            config_path,
            state: strategy.state_dir().unwrap_or_else(|| strategy.data_dir()),
            quiet: options.quiet,
            verbose: options.verbose,
        };
        settings.set_company(find(None, "PRANCER_COMPANY", company)?);
        Ok(settings)
    }

    /// A company gives the tenant and the customer id, unless something that overrides it gives another.
    pub(crate) fn set_company(&mut self, company: Option<Setting>) {
        if let Some(company) = company {
            self.tenant.take_if(|it| it.source > company.source);
            self.customer_id.take_if(|it| it.source > company.source);
            self.company = Some(company);
        }
    }

    /// The customer id, by itself or by the company.
    pub(crate) fn customer(&self) -> Option<String> {
        match (&self.customer_id, &self.company) {
            (Some(customer_id), _) => Some(customer_id.value.clone()),
            (None, Some(company)) => {
                let credentials = Credentials::for_company("", "", &company.value);
                Some(credentials.customer_id().to_owned())
            }
            (None, None) => None,
        }
    }

    /// Credentials to log in with, where every part of them is set.
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        let password = self.password.clone()?;
        let email = self.email.as_ref()?.value.clone();
        Some(Credentials::new(email, password, self.customer()?))
    }

    /// Whose session it must be, as far as something says so.
    pub(crate) fn identity(&self, portal: &Portal) -> Identity {
        let mut identity = Identity::new(portal.url().as_str());
        if let Some(customer_id) = self.customer() {
            identity = identity.with_customer_id(customer_id);
        }
        if let Some(email) = &self.email {
            identity = identity.with_email(&email.value);
        }
        identity
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

    /// The portal that is meant, else that of the session, else the public one; and what says so.
    pub(crate) fn portal_of(
        &self,
        stored: Option<&StoredSession>,
    ) -> Result<(Portal, Source), Failure> {
        let set = self.portal.as_ref().or(self.tenant.as_ref());
        let set = set.or(self.company.as_ref());
        Ok(match (self.portal()?, set, stored) {
            (Some(portal), Some(set), _) => (portal, set.source),
            (_, _, Some(stored)) => (Portal::new(&stored.identity.portal)?, Source::Session),
            _ => (Portal::new(Portal::PUBLIC)?, Source::Default),
        })
    }

    /// Fails where a password could go to the wrong portal: a tenant alone says neither the public one nor that of the session.
    pub(crate) fn check_portal(&self, stored: Option<&StoredSession>) -> Result<(), Failure> {
        let set = self.tenant.as_ref().or(self.company.as_ref());
        if let (None, Some(set), Some(stored)) = (&self.portal, set, stored) {
            let origin = Portal::new(&stored.identity.portal)?.url().origin();
            if origin != Portal::new(Portal::PUBLIC)?.url().origin() {
                let (at, source) = (origin.ascii_serialization(), set.source);
                let problem = format!(
                    "the session is at {at}, and the tenant ({source}) does not say whether it is there"
                );
                let next = format!("add --portal {at}, or --portal {}", Portal::PUBLIC);
                return Err(Failure::plain(Exit::Usage, problem).next(next));
            }
        }
        Ok(())
    }

    /// A command of this program to type next.
    pub(crate) fn command(&self, arguments: &str) -> String {
        let named = self.profile.source == Source::Flag;
        failure::command(arguments, Some(&*self.profile.value).filter(|_| named))
    }

    /// Says something that is no result, unless only results are wanted.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            output::say(one_line(text));
        }
    }
}
