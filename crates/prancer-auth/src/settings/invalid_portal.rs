//! Why something names no portal.

/// What is wrong with the URL or the tenant of a portal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPortal {
    /// Not a URL.
    #[error("the portal's URL cannot be read; write it like https://portal.prancer.io")]
    Unreadable {
        /// The error of the URL parser.
        source: url::ParseError,
    },
    /// A URL that names no host.
    #[error("the portal's URL has no host; write it like https://portal.prancer.io")]
    NoHost,
    /// `http` to another machine would show the password and the tokens to the network.
    #[error("the portal's URL is http, which would show secrets to the network; use https")]
    NotEncrypted,
    /// Neither `https` nor `http`.
    #[error("the portal's URL starts with `{0}:`; use https")]
    Scheme(String),
    /// A user name or a password in the URL.
    #[error("the portal's URL holds a user name or a password; give them as credentials")]
    Credentials,
    /// A `?` or a `#` in the URL.
    #[error(
        "the portal's URL holds a query or a fragment; leave out everything from `?` or `#` on"
    )]
    Query,
    /// Servers may read the URL's path in different ways (a backslash, an encoded dot, `..;`).
    #[error("the path of the portal's URL can be read in more than one way; write it plainly")]
    AmbiguousPath,
    /// The URL ends in `/api/`, which every call adds.
    #[error("the portal's URL ends in `/api`, which every call adds; leave it out")]
    Api,
    /// Not one segment of a path.
    #[error("tenant `{0}` is not one segment of a path; use letters, digits, `-`, `_` and `.`")]
    Tenant(String),
}
