//! Who logs in.

use prancer_auth_client::{Password, types};

use crate::company;
use crate::environment::{self, InvalidEnvironment};

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
pub struct Credentials(types::Credentials);

impl Credentials {
    /// Credentials with a customer id, which is sent as it is.
    pub fn new(
        email: impl Into<String>,
        password: impl Into<Password>,
        customer_id: impl Into<String>,
    ) -> Self {
        Self(types::Credentials {
            email: email.into(),
            password: password.into(),
            customer_id: customer_id.into(),
        })
    }

    /// Credentials with the customer id of a company: that of `ABC` is `prancer-abc`.
    ///
    /// [`Portal::with_company`](crate::Portal::with_company) takes the same name.
    pub fn for_company(
        email: impl Into<String>,
        password: impl Into<Password>,
        company: &str,
    ) -> Self {
        Self::new(email, password, company::customer_id(company))
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

    pub(crate) fn body(&self) -> &types::Credentials {
        &self.0
    }
}
