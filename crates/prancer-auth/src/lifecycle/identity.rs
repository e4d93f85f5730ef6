//! Whose session it is: the portal, the customer and the user.

use std::fmt;

/// Whose session it is: the portal, tenant included, the customer and the user.
///
/// An unknown part is `None`, and matches any value. Email addresses are compared as they are written. `Display` prints
/// one line, in which unknown parts are empty. That line is part of the session's name in Redis, and makes a good
/// account name for a keyring.
///
/// ```
/// use prancer_auth::{Credentials, Identity, Portal};
///
/// # fn main() -> Result<(), prancer_auth::InvalidPortal> {
/// let portal = Portal::new("https://portal.prancer.io")?;
/// let credentials = Credentials::new("user@example.com", "correct horse", "customer1");
/// let identity = credentials.identity(&portal);
/// assert_eq!(identity.to_string(), "https://portal.prancer.io/|customer1|user@example.com");
/// assert_eq!(identity, Identity::new(portal.to_string()).with_customer_id("customer1").with_email("user@example.com"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Identity {
    /// The portal's URL, its tenant included, as [`Portal::url`](crate::Portal::url) prints it.
    pub portal: String,
    /// The customer id, where it is known.
    pub customer_id: Option<String>,
    /// The user's email address, where it is known.
    pub email: Option<String>,
}

impl Identity {
    /// An unknown user of this portal: its URL with the tenant, as [`Portal`](crate::Portal) prints it.
    pub fn new(portal: impl Into<String>) -> Self {
        Self {
            portal: portal.into(),
            customer_id: None,
            email: None,
        }
    }

    /// The same with this customer id.
    #[must_use]
    pub fn with_customer_id(mut self, customer_id: impl Into<String>) -> Self {
        self.customer_id = Some(customer_id.into());
        self
    }

    /// The same with this email address.
    #[must_use]
    pub fn with_email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// Whether they agree in every part that both know.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.portal == other.portal
            && self.matches_customer(other)
            && agree(&self.email, &other.email)
    }

    /// Whether they agree in the customer id, where both know it.
    pub(crate) fn matches_customer(&self, other: &Self) -> bool {
        agree(&self.customer_id, &other.customer_id)
    }

    /// The same, with what only `other` knows.
    pub(crate) fn completed_by(mut self, other: &Self) -> Self {
        self.customer_id = self.customer_id.or_else(|| other.customer_id.clone());
        self.email = self.email.or_else(|| other.email.clone());
        self
    }
}

fn agree(ours: &Option<String>, theirs: &Option<String>) -> bool {
    ours.is_none() || theirs.is_none() || ours == theirs
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let customer_id = self.customer_id.as_deref().unwrap_or_default();
        let email = self.email.as_deref().unwrap_or_default();
        write!(f, "{}|{customer_id}|{email}", self.portal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn portal() -> Identity {
        Identity::new("https://portal.prancer.io/")
    }

    #[test]
    fn what_both_know_must_agree_and_what_one_does_not_know_agrees() {
        let whole = portal().with_customer_id("c").with_email("u");
        for part in [
            portal(),
            portal().with_customer_id("c"),
            portal().with_email("u"),
        ] {
            assert!(whole.matches(&part) && part.matches(&whole), "{part}");
            assert_eq!(part.completed_by(&whole), whole);
        }
        for other in [
            Identity::new("https://other/"),
            portal().with_customer_id("C").with_email("u"),
            portal().with_customer_id("c").with_email("U"),
            portal().with_email("U"),
        ] {
            assert!(!whole.matches(&other) && !other.matches(&whole), "{other}");
        }
    }

    #[test]
    fn one_line_tells_the_three_parts_apart() {
        assert_eq!(portal().to_string(), "https://portal.prancer.io/||");
        let user = portal().with_email("u");
        assert_eq!(user.to_string(), "https://portal.prancer.io/||u");
        let customer = portal().with_customer_id("u");
        assert_eq!(customer.to_string(), "https://portal.prancer.io/|u|");
    }
}
