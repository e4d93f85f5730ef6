//! What went wrong, why, and what to type next.

use std::error::Error as StdError;
use std::fmt;

use prancer_auth::store::StoreError;
use prancer_auth::{Error, InvalidEnvironment, InvalidPortal};

use crate::exit::Exit;

/// Typed after a failure that a login mends.
const LOGIN: &str = "prancer-auth login";

pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    /// The next command to type.
    next: Option<&'static str>,
}

impl Failure {
    /// A failure and its causes.
    pub(crate) fn new(what: impl fmt::Display, error: &dyn StdError) -> Self {
        Self {
            exit: Exit::Failed,
            message: format!("{what}: {}", with_causes(error)),
            next: None,
        }
    }

    /// A failure that needs no cause.
    pub(crate) fn plain(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            next: None,
        }
    }

    pub(crate) fn not_logged_in() -> Self {
        Error::NotLoggedIn.into()
    }
}

fn with_causes(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        // Some errors repeat their cause.
        if !text.contains(&said) {
            text += ": ";
            text += &said;
        }
        cause = error.source();
    }
    text
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let another = matches!(
            error,
            Error::OtherPortal(_) | Error::OtherCustomer(_) | Error::OtherUser(_)
        );
        let (exit, next) = if another || error.needs_login() {
            (Exit::Login, Some(LOGIN))
        } else if error.is_transient() && !matches!(error, Error::Store(_)) {
            (Exit::Unreachable, None)
        } else {
            (Exit::Failed, None)
        };
        Self {
            exit,
            message: with_causes(&error),
            next,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::plain(Exit::Failed, with_causes(&error))
    }
}

impl From<InvalidPortal> for Failure {
    fn from(error: InvalidPortal) -> Self {
        Self::plain(Exit::Usage, error.to_string())
    }
}

impl From<InvalidEnvironment> for Failure {
    fn from(error: InvalidEnvironment) -> Self {
        Self::plain(Exit::Usage, error.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "prancer-auth: {}", self.message)?;
        match self.next {
            Some(next) => write!(f, "\n  next: {next}"),
            None => Ok(()),
        }
    }
}
