//! What went wrong, why, and what to type next.

use std::error::Error as StdError;
use std::fmt;
use std::io::{self, ErrorKind};

use prancer_auth::store::StoreError;
use prancer_auth::{Error, InvalidEnvironment, InvalidPortal, TransientError};

use crate::current;
use crate::exit::Exit;
use crate::plain_text::one_line;

/// Mends much.
const LOGIN: &str = "login";
/// What is to be looked at where the portal does not answer as one.
const CHECK: &str =
    "check --portal and --tenant, PRANCER_PORTAL and PRANCER_TENANT, or the profile";

/// What helps where tokens are out of reach.
const EXPOSED: &str = "change the password, if someone else may have the tokens";

pub(crate) struct Failure {
    pub(crate) exit: Exit,
    message: String,
    /// What to do next, in words.
    next: Option<String>,
    /// The command of this program to type for that.
    next_command: Option<String>,
    profile: Option<String>,
}

impl Failure {
    /// A failure and its causes.
    pub(crate) fn new(what: impl fmt::Display, error: &dyn StdError) -> Self {
        Self::plain(Exit::Failed, format!("{what}: {}", with_causes(error)))
    }

    /// A failure that needs no cause.
    pub(crate) fn plain(exit: Exit, message: impl Into<String>) -> Self {
        Self {
            exit,
            message: message.into(),
            next: None,
            next_command: None,
            profile: None,
        }
    }

    pub(crate) fn not_logged_in() -> Self {
        Error::NotLoggedIn.into()
    }

    /// What only a login mends.
    pub(crate) fn login_needed(message: impl Into<String>) -> Self {
        Self::plain(Exit::Login, message).next_command(LOGIN)
    }

    /// An answer that is no API's of the portal.
    pub(crate) fn no_portal(url: &str, said: &str) -> Self {
        let message = format!("{url} does not answer like a Prancer portal: {said}");
        Self::plain(Exit::Unreachable, message).next(CHECK)
    }

    /// Tokens came that the store does not hold; what becomes of them at the portal.
    pub(crate) fn unsaved(error: &StoreError, tokens: &str) -> Self {
        let cause = with_causes(error);
        let message = format!(
            "the session could not be saved: {cause}; it lives in this process only, and its tokens {tokens}"
        );
        Self::plain(Exit::Failed, message).next_command(LOGIN)
    }

    /// A portal that does not answer, or answers as none.
    fn of_portal(error: &TransientError) -> Self {
        let session = current::session();
        let url = session.as_ref();
        let url = url.map_or_else(String::new, |it| it.portal().to_string());
        let failed = session.and_then(|it| it.status().store_failure);
        match (error, failed) {
            (TransientError::StoreUnavailable, Some(error)) => Self::from(error),
            (TransientError::Unreadable(said), _) => {
                Self::no_portal(&format!("{url}api/"), &said.to_string())
            }
            (TransientError::Unreachable(_), _) => {
                let message = format!("{url}: {}", with_causes(error));
                Self::plain(Exit::Unreachable, message).next(CHECK)
            }
            (TransientError::Unavailable { .. } | TransientError::TimedOut(_), _) => {
                let message = format!("{url}: {}", with_causes(error));
                Self::plain(Exit::Unreachable, message).next("try again later")
            }
            _ => Self::plain(Exit::Unreachable, with_causes(error)).next("try again"),
        }
    }

    /// The same with what to do next.
    pub(crate) fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// The same with a command of this program to type next.
    pub(crate) fn next_command(mut self, command: impl Into<String>) -> Self {
        self.next_command = Some(command.into());
        self
    }

    /// The same with what it is about.
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// The same for a profile that was named, so that the next command names it, too.
    pub(crate) fn of_profile(mut self, profile: Option<&str>) -> Self {
        self.profile = profile.map(str::to_owned);
        self
    }

    /// What went wrong, on one line.
    pub(crate) fn message(&self) -> String {
        one_line(&self.message)
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
        let text = with_causes(&error);
        match error {
            // When the session tries again is for programs.
            Error::TryLater { source, .. } => Self::of_portal(&source),
            Error::NotRenewed { response, source } if source.is_transient() => {
                let source = Self::from(*source);
                let message = format!(
                    "the portal rejected the token: {response}; it could not be renewed: {}",
                    source.message
                );
                Self { message, ..source }
            }
            // Nothing is left here that could be ended once more.
            Error::LogoutFailed(error) => {
                let message = format!(
                    "logged out locally; the portal could not be told, so its tokens stay valid until they expire: {}",
                    Self::of_portal(&error).message
                );
                Self::plain(Exit::Unreachable, message).next(EXPOSED)
            }
            Error::LogoutRejected(said) => {
                let message = format!(
                    "logged out locally; the portal rejected the logout, so its tokens may stay valid until they expire: {said}"
                );
                Self::plain(Exit::Failed, message).next(EXPOSED)
            }
            Error::Store(error) => error.into(),
            Error::OtherPortal(_) | Error::OtherCustomer(_) | Error::OtherUser(_) => {
                Self::plain(Exit::Login, text).next_command(LOGIN)
            }
            error if error.needs_login() => Self::plain(Exit::Login, text).next_command(LOGIN),
            Error::NotThisPortal(_) => Self::plain(Exit::Failed, text).next_command("status"),
            Error::Unreachable(_) => Self::plain(Exit::Unreachable, text).next(CHECK),
            error if error.is_transient() => {
                Self::plain(Exit::Unreachable, text).next("try again later")
            }
            _ => Self::plain(Exit::Failed, text),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OpenToOthers {
                location,
                mode,
                remedy,
            } => {
                let message = format!("{location} is accessible to other users (mode {mode:o})");
                Self::plain(Exit::Failed, message).next(remedy)
            }
            StoreError::Unavailable { ref source, .. } => {
                let next = match kind(&**source) {
                    Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
                        "free some space on the disk, or choose another store with --store"
                    }
                    _ => "check --store, or PRANCER_STORE",
                };
                Self::plain(Exit::Failed, with_causes(&error)).next(next)
            }
            error => Self::plain(Exit::Failed, with_causes(&error)),
        }
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
        write!(f, "prancer-auth: {}", self.message())?;
        let next_command = self.next_command.as_ref();
        let next_command = next_command.map(|it| command(it, self.profile.as_deref()));
        match (&self.next, next_command) {
            (None, None) => Ok(()),
            (Some(next), None) => write!(f, "\n  next: {}", one_line(next)),
            (None, Some(command)) => write!(f, "\n  next: {command}"),
            (Some(next), Some(command)) => write!(f, "\n  next: {}: {command}", one_line(next)),
        }
    }
}

/// A command of this program to type next, for the profile that was named.
pub(crate) fn command(arguments: &str, profile: Option<&str>) -> String {
    match profile {
        Some(profile) => format!("prancer-auth {arguments} --profile {profile}"),
        None => format!("prancer-auth {arguments}"),
    }
}

/// What the operating system said, where it said something.
fn kind(error: &(dyn StdError + 'static)) -> Option<ErrorKind> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error.kind());
        }
        cause = error.source();
    }
    None
}
