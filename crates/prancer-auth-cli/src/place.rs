//! Which portal is meant: by flag, else by environment, else that of the session.

use std::env;

use prancer_auth::Portal;
use prancer_auth::store::StoredSession;

use crate::arguments::Place;
use crate::exit::Exit;
use crate::failure::Failure;

/// What a flag says, else what the environment says; an empty variable says nothing.
pub(crate) fn flag_or_variable(flag: Option<&str>, variable: &str) -> Option<String> {
    let from_environment = || env::var(variable).ok().filter(|value| !value.is_empty());
    flag.map(str::to_owned).or_else(from_environment)
}

impl Place {
    /// The portal that is meant, where a session may be kept.
    pub(crate) fn portal_or_kept(&self, kept: Option<&StoredSession>) -> Result<Portal, Failure> {
        match (self.url(), self.tenant(), kept) {
            (None, None, Some(kept)) => Ok(Portal::new(&kept.portal)?),
            _ => self.portal(),
        }
    }

    /// The portal that is meant, apart from any session.
    pub(crate) fn portal(&self) -> Result<Portal, Failure> {
        let portal = self.without_tenant()?;
        Ok(match self.tenant() {
            Some(tenant) => portal.with_tenant(&tenant)?,
            None => portal,
        })
    }

    /// The portal of a company, whose name gives the tenant.
    pub(crate) fn portal_of_company(&self, company: &str) -> Result<Portal, Failure> {
        if self.tenant.is_some() {
            let problem = "--company gives the tenant; leave out --tenant";
            return Err(Failure::plain(Exit::Usage, problem));
        }
        Ok(self.without_tenant()?.with_company(company)?)
    }

    fn without_tenant(&self) -> Result<Portal, Failure> {
        Ok(Portal::new(
            self.url().as_deref().unwrap_or(Portal::PUBLIC),
        )?)
    }

    fn url(&self) -> Option<String> {
        flag_or_variable(self.portal.as_deref(), "PRANCER_PORTAL")
    }

    fn tenant(&self) -> Option<String> {
        flag_or_variable(self.tenant.as_deref(), "PRANCER_TENANT")
    }
}
