//! Where a token of a portal may go.

use url::Url;

use super::path_text;
use super::portal::Portal;

/// Why a token may not go to a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoEndpoint {
    /// It is not on the portal.
    Foreign,
    /// Servers read its path differently.
    Ambiguous,
}

impl Portal {
    /// The URL of an API, if it is one of this portal.
    ///
    /// `user/get/` is meant below `api/`, `/api/user/get/` below the tenant; a whole URL must be of this origin.
    pub(crate) fn endpoint(&self, path: &str) -> Result<Url, NoEndpoint> {
        // Before the parser of URLs tidies it up.
        if path_text::is_ambiguous(path) {
            return Err(NoEndpoint::Ambiguous);
        }
        // Only what has a scheme can be a whole URL, and only a whole URL is read as one.
        let url = match Url::parse(path) {
            Ok(url) if path.contains("://") => url,
            _ => {
                // Behind `./`, a path is a path, whatever it starts with.
                let relative = match path.strip_prefix('/') {
                    Some(below_tenant) => format!("./{below_tenant}"),
                    None => format!("./api/{path}"),
                };
                let url = self.root.join(&relative);
                url.map_err(|_| NoEndpoint::Foreign)?
            }
        };
        self.check(&url)?;
        Ok(url)
    }

    /// Whether a token may go there: same scheme, host and port, below the same path, however a server reads that.
    pub(crate) fn owns(&self, url: &Url) -> bool {
        self.check(url).is_ok()
    }

    /// Why a token may not go there.
    pub(crate) fn check(&self, url: &Url) -> Result<(), NoEndpoint> {
        let ours = url.scheme() == self.root.scheme()
            && url.host_str() == self.root.host_str()
            && url.port_or_known_default() == self.root.port_or_known_default()
            && url.path().starts_with(self.root.path());
        if !ours {
            Err(NoEndpoint::Foreign)
        } else if path_text::is_ambiguous(url.path()) {
            Err(NoEndpoint::Ambiguous)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public() -> Portal {
        Portal::new(Portal::PUBLIC).unwrap()
    }

    #[test]
    fn an_endpoint_is_below_the_api_or_below_the_tenant() {
        let portal = public().with_tenant("t").unwrap();
        let endpoint = |path: &str| portal.endpoint(path).map(String::from);
        let whole = |path: &str| Ok(format!("https://portal.prancer.io/t/{path}"));
        assert_eq!(endpoint("user/get/"), whole("api/user/get/"));
        assert_eq!(endpoint("/api/user/get/"), whole("api/user/get/"));
        assert_eq!(endpoint("logs/?index=0"), whole("api/logs/?index=0"));
        assert_eq!(
            endpoint("https://portal.prancer.io/t/api/user/get/"),
            whole("api/user/get/")
        );
    }

    #[test]
    fn an_endpoint_elsewhere_is_refused() {
        let portal = public().with_tenant("t").unwrap();
        for elsewhere in [
            "https://evil.example/t/api/",
            "http://portal.prancer.io/t/api/",
            "https://portal.prancer.io:444/t/api/",
            "https://portal.prancer.io/other/api/",
            "../../other/api/",
            "/../other/",
        ] {
            let foreign = Err(NoEndpoint::Foreign);
            assert_eq!(portal.endpoint(elsewhere), foreign, "{elsewhere}");
        }
    }

    #[test]
    fn a_path_stays_a_path_whatever_it_looks_like() {
        let portal = public().with_tenant("t").unwrap();
        for path in ["//evil.example/api/", "@evil.example", "a:b"] {
            let host = portal
                .endpoint(path)
                .map(|url| url.host_str() == Some("portal.prancer.io"));
            assert_ne!(host, Ok(false), "{path}");
        }
    }
}
