//! Where the portal is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use url::{Host, Url};

use super::customer_id;
use super::environment::{self, InvalidEnvironment};
use super::invalid_portal::InvalidPortal;
use super::path_text::is_ambiguous;

/// The portal: its URL, and the tenant's segment of the path where there is one.
///
/// The URL must be `https`, or `http` on this machine. A path in the URL stays part of it, so an on-premise portal may have the
/// URL `https://intranet.example.com/prancer/`.
///
/// ```
/// use prancer_auth::Portal;
///
/// # fn main() -> Result<(), prancer_auth::InvalidPortal> {
/// let portal = Portal::new("https://portal.prancer.io")?.with_tenant("customer1")?;
/// assert_eq!(portal.to_string(), "https://portal.prancer.io/customer1/");
///
/// assert!(Portal::new("http://portal.prancer.io").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Portal {
    /// Ends in `/`; `api/` comes behind it.
    pub(super) root: Arc<Url>,
}

impl Portal {
    /// The URL of the public portal.
    pub const PUBLIC: &str = "https://portal.prancer.io";

    /// The portal at `url`. Leave out the tenant, and `/api/` at the end.
    ///
    /// # Errors
    ///
    /// [`InvalidPortal`] says what is wrong with the URL.
    pub fn new(url: &str) -> Result<Self, InvalidPortal> {
        let mut root = Url::parse(url).map_err(|source| InvalidPortal::Unreadable { source })?;
        let host = root.host().ok_or(InvalidPortal::NoHost)?.to_owned();
        match root.scheme() {
            "https" => {}
            "http" if is_loopback(&host) => {}
            "http" => return Err(InvalidPortal::NotEncrypted),
            scheme => return Err(InvalidPortal::Scheme(scheme.to_owned())),
        }
        if !root.username().is_empty() || root.password().is_some() {
            return Err(InvalidPortal::Credentials);
        }
        if root.query().is_some() || root.fragment().is_some() {
            return Err(InvalidPortal::Query);
        }
        // As it was written, and as the parser of URLs has tidied it up.
        if is_ambiguous(url.trim()) || is_ambiguous(root.as_str()) {
            return Err(InvalidPortal::AmbiguousPath);
        }
        let path = root.path().trim_end_matches('/').to_owned();
        if path.rsplit('/').next() == Some("api") {
            return Err(InvalidPortal::Api);
        }
        root.set_path(&format!("{path}/"));
        let root = Arc::new(root);
        Ok(Self { root })
    }

    /// The same portal for a tenant, whose name is one segment of the path, such as `customer1`.
    ///
    /// # Errors
    ///
    /// [`InvalidPortal::Tenant`] when the name is empty or holds anything but letters, digits, `-`, `_` and `.`.
    pub fn with_tenant(mut self, tenant: &str) -> Result<Self, InvalidPortal> {
        let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        let good = tenant.bytes().all(letters) && !tenant.bytes().all(|byte| byte == b'.');
        if !good {
            return Err(InvalidPortal::Tenant(tenant.to_owned()));
        }
        let path = format!("{}{tenant}/", self.root.path());
        Arc::make_mut(&mut self.root).set_path(&path);
        Ok(self)
    }

    /// The same portal for the tenant of a company: `ABC` has the tenant `prancer-abc`.
    ///
    /// [`Credentials::for_company`](crate::Credentials::for_company) takes the same name.
    ///
    /// # Errors
    ///
    /// [`InvalidPortal::Tenant`] when no tenant can have that name.
    pub fn with_company(self, company: &str) -> Result<Self, InvalidPortal> {
        if company.trim().is_empty() {
            return Err(InvalidPortal::Tenant(company.to_owned()));
        }
        self.with_tenant(&customer_id::of_company(company))
    }

    /// The portal that `PRANCER_PORTAL` (by default [`Self::PUBLIC`]) and `PRANCER_TENANT` (by default none) name.
    ///
    /// # Errors
    ///
    /// [`InvalidEnvironment`] names the variable and says what is wrong with it.
    pub fn from_env() -> Result<Self, InvalidEnvironment> {
        let url = environment::optional("PRANCER_PORTAL")?;
        let url = url.as_deref().unwrap_or(Self::PUBLIC);
        let named = |variable| move |source| InvalidEnvironment::Portal { variable, source };
        let portal = Self::new(url).map_err(named("PRANCER_PORTAL"))?;
        match environment::optional("PRANCER_TENANT")? {
            Some(tenant) => portal.with_tenant(&tenant).map_err(named("PRANCER_TENANT")),
            None => Ok(portal),
        }
    }

    /// The base URL, with the tenant if there is one. It ends in `/`; `api/` follows it.
    pub fn url(&self) -> &Url {
        &self.root
    }

    /// The same without the `/` at its end, as generated clients need it.
    pub fn base_url(&self) -> &str {
        self.root.as_str().trim_end_matches('/')
    }

    /// Whether what goes there is not encrypted, and stays on this machine.
    pub(crate) fn is_plain(&self) -> bool {
        self.root.scheme() == "http"
    }
}

impl FromStr for Portal {
    type Err = InvalidPortal;

    fn from_str(url: &str) -> Result<Self, InvalidPortal> {
        Self::new(url)
    }
}

impl fmt::Display for Portal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.root.as_str())
    }
}

fn is_loopback(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Portal {
        Portal::new(Portal::PUBLIC).unwrap()
    }

    #[test]
    fn the_public_portal_is_a_good_one() {
        assert_eq!(public().to_string(), "https://portal.prancer.io/");
        assert_eq!(public().base_url(), "https://portal.prancer.io");
    }

    #[test]
    fn a_prefix_of_the_path_is_kept_before_the_tenant() {
        for url in ["https://intranet/whatever", "https://intranet/whatever/"] {
            let portal = Portal::new(url).unwrap().with_tenant("t").unwrap();
            assert_eq!(portal.base_url(), "https://intranet/whatever/t");
        }
    }

    #[test]
    fn what_is_plain_is_not_encrypted() {
        assert!(Portal::new("http://127.0.0.1:1/").unwrap().is_plain());
        assert!(!Portal::new("https://127.0.0.1:1/").unwrap().is_plain());
    }

    #[test]
    fn http_is_taken_for_this_machine_only() {
        for host in ["localhost:8080", "127.0.0.1", "127.9.9.9:1", "[::1]:8080"] {
            assert!(Portal::new(&format!("http://{host}")).is_ok(), "{host}");
        }
        for host in [
            "portal.prancer.io",
            "10.0.0.1",
            "localhost.evil.com",
            "[::2]",
        ] {
            let refused = Portal::new(&format!("http://{host}"));
            assert_eq!(refused, Err(InvalidPortal::NotEncrypted), "{host}");
        }
    }

    #[test]
    fn bad_urls_are_refused_with_a_reason_and_no_secret() {
        let refused = |url: &str| Portal::new(url).unwrap_err().to_string();
        assert!(refused("portal.prancer.io").contains("cannot be read"));
        assert!(refused("").contains("cannot be read"));
        assert!(refused("ftp://portal.prancer.io").contains("`ftp:`"));
        assert!(refused("mailto:a@b").contains("no host"));
        assert!(refused("https://h/?a=b").contains("query"));
        assert!(refused("https://h/#x").contains("fragment"));
        for path in ["..%2fx", "a\\b", "..;/x", "%2e", "%ff", "%00"] {
            let url = format!("https://h/{path}");
            assert!(refused(&url).contains("more than one way"), "{url}");
        }
        assert!(refused("https://h/api/").contains("leave it out"));
        let secret = refused("https://someone:canary@h/");
        assert!(secret.contains("as credentials") && !secret.contains("canary"));
    }

    #[test]
    fn a_tenant_is_one_segment() {
        for tenant in ["", ".", "..", "a/b", "a b", "a?b", "a#b", "%2e", "ä"] {
            let refused = public().with_tenant(tenant);
            assert_eq!(refused, Err(InvalidPortal::Tenant(tenant.to_owned())));
        }
        let portal = public().with_company("ABC").unwrap();
        assert_eq!(portal.base_url(), "https://portal.prancer.io/prancer-abc");
        assert!(public().with_company(" ").is_err());
    }
}
