//! The credentials of a user.

use prancer_auth_client::{Password, types};

use super::customer_id;
use super::environment::{self, InvalidEnvironment};
use super::portal::Portal;
use crate::lifecycle::Identity;

/// What a user logs in with: an email address, a password and a customer id.
///
/// Operation: `login` of the document.
///
/// ```
/// use prancer_auth::Credentials;
///
/// let credentials = Credentials::for_company("user@example.com", "correct horse", "ABC");
/// assert_eq!(credentials.customer_id(), "prancer-abc");
/// assert!(!format!("{credentials:?}").contains("horse"));
/// ```
#[derive(Debug, Clone)]
pub struct Credentials(pub(crate) types::Credentials);

impl PartialEq for Credentials {
    fn eq(&self, other: &Self) -> bool {
        (self.email(), self.customer_id()) == (other.email(), other.customer_id())
            && self.0.password == other.0.password
    }
}

impl Eq for Credentials {}

impl Credentials {
    /// Credentials with a customer id, which is sent as it is.
    pub fn new(
        email: impl Into<String>,
        password: impl Into<Password>,
        customer_id: impl Into<String>,
    ) -> Self {
        let (password, customer_id) = (password.into(), customer_id.into());
        Self(types::Credentials::new(email.into(), password, customer_id))
    }

    /// Credentials with the customer id of a company: that of `ABC` is `prancer-abc`.
    ///
    /// [`Portal::with_company`](crate::Portal::with_company) takes the same name.
    pub fn for_company(
        email: impl Into<String>,
        password: impl Into<Password>,
        company: &str,
    ) -> Self {
        Self::new(email, password, customer_id::of_company(company))
    }

    /// The credentials that `PRANCER_EMAIL`, `PRANCER_PASSWORD` and `PRANCER_CUSTOMER_ID` hold.
    ///
    /// # Errors
    ///
    /// [`InvalidEnvironment`] names the variable that is missing or cannot be read.
    pub fn from_env() -> Result<Self, InvalidEnvironment> {
        Ok(Self::new(
            environment::required("PRANCER_EMAIL")?,
            environment::required("PRANCER_PASSWORD")?,
            environment::required("PRANCER_CUSTOMER_ID")?,
        ))
    }

    /// The email address.
    pub fn email(&self) -> &str {
        &self.0.email
    }

    /// The customer id.
    pub fn customer_id(&self) -> &str {
        &self.0.customer_id
    }

    /// The identity of a session that logs in to this portal with these credentials.
    pub fn identity(&self, portal: &Portal) -> Identity {
        self.identity_at(portal.url().as_str())
    }

    pub(crate) fn identity_at(&self, portal: &str) -> Identity {
        Identity::new(portal)
            .with_customer_id(self.customer_id())
            .with_email(self.email())
    }
}
