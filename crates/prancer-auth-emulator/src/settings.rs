//! What an emulator is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use prancer_auth_client::Password;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A user who can log in.
#[derive(Debug, Clone)]
pub struct User {
    /// The email address.
    pub email: String,
    /// The password.
    pub password: Password,
    /// The customer id.
    pub customer_id: String,
}

impl Default for User {
    /// `user@example.com` of `customer1`, whose password is `correct horse battery staple`.
    fn default() -> Self {
        Self {
            email: "user@example.com".to_owned(),
            password: Password::from("correct horse battery staple"),
            customer_id: "customer1".to_owned(),
        }
    }
}

/// Which year's answers the emulator gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Shape {
    /// The members that the document requires, and those in its examples: `data`, `error`, `message`, `metadata`,
    /// `status`.
    #[default]
    Y2021,
    /// Everything that the document describes, and also an empty `error_list` in successes.
    Y2022,
}

/// How an [`Emulator`](crate::Emulator) behaves. The defaults are those of the documented portal.
///
/// ```
/// use prancer_auth_emulator::{Settings, Shape};
///
/// # fn main() -> std::io::Result<()> {
/// let emulator = Settings::default()
///     .tenant("prancer-customer1")
///     .shape(Shape::Y2022)
///     .start()?;
/// assert!(emulator.url().starts_with("http://127.0.0.1:"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    pub(crate) address: SocketAddr,
    pub(crate) users: Vec<User>,
    pub(crate) tenant: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) login_lifetime: Duration,
    pub(crate) refresh_lifetime: Duration,
    pub(crate) refresh_token_lifetime: Duration,
    pub(crate) rotation: bool,
    pub(crate) reuse_detection: bool,
    pub(crate) documented: bool,
    pub(crate) latency: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            users: Vec::new(),
            tenant: None,
            shape: Shape::Y2021,
            login_lifetime: 7 * DAY,
            refresh_lifetime: 24 * HOUR,
            refresh_token_lifetime: 30 * DAY,
            rotation: false,
            reuse_detection: false,
            documented: false,
            latency: Duration::ZERO,
        }
    }
}

impl Settings {
    /// Listens here; by default on a free port of 127.0.0.1.
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// Adds a user who can log in. If you add none, [`User::default`] can log in.
    pub fn user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// Expects this segment before `/api/`; by default none.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// Answers in this shape; by default [`Shape::Y2021`], the documented one.
    pub fn shape(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// The life of an access token after a login, in whole seconds; by default 7 days.
    pub fn login_lifetime(mut self, login_lifetime: Duration) -> Self {
        self.login_lifetime = login_lifetime;
        self
    }

    /// The life of an access token after a refresh, in whole seconds; by default 24 hours.
    pub fn refresh_lifetime(mut self, refresh_lifetime: Duration) -> Self {
        self.refresh_lifetime = refresh_lifetime;
        self
    }

    /// The life of a refresh token, in whole seconds; by default 30 days, which is a guess.
    pub fn refresh_token_lifetime(mut self, refresh_token_lifetime: Duration) -> Self {
        self.refresh_token_lifetime = refresh_token_lifetime;
        self
    }

    /// Whether a refresh returns a new refresh token and ends the one that was sent; by default it does not.
    pub fn rotation(self, rotation: bool) -> Self {
        Self { rotation, ..self }
    }

    /// Whether a refresh token that is used a second time ends its whole session, as strict portals do; by default it is only rejected.
    ///
    /// Without [rotation](Self::rotation) every refresh token may be used again, so this changes nothing.
    pub fn reuse_detection(mut self, reuse_detection: bool) -> Self {
        self.reuse_detection = reuse_detection;
        self
    }

    /// Whether it answers only what the OpenAPI document describes; by default it answers more, like the real portal.
    ///
    /// It then rejects a token of the wrong kind, and a text that is no token at all, with 401 and an envelope instead
    /// of 422.
    pub fn documented(self, documented: bool) -> Self {
        Self { documented, ..self }
    }

    /// How long every request takes at least; by default no time.
    pub fn latency(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }
}
