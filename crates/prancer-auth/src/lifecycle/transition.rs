//! The transitions between the states of a session: the one source of what [`apply`](super::apply) does to them, and of the
//! diagram in the documentation.

use std::fmt;

use serde::Serialize;

use super::state::{Lifecycle, NoToken};

/// The state of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum State {
    /// There was no login yet.
    New,
    /// There are tokens.
    LoggedIn,
    /// The portal rejected the refresh token.
    Expired,
    /// The portal rejected the credentials.
    Rejected,
    /// The session was logged out.
    LoggedOut,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::New => "not logged in",
            Self::LoggedIn => "logged in",
            Self::Expired => "expired",
            Self::Rejected => "credentials rejected",
            Self::LoggedOut => "logged out",
        })
    }
}

/// What changes, or confirms, a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Tokens are adopted.
    Adopted,
    /// A login or a refresh brought tokens.
    Renewed,
    /// The portal rejected the refresh token.
    RefreshRejected,
    /// The portal rejected the refresh token while the access token is good.
    RefreshRejectedEarly,
    /// The portal rejected the credentials.
    LoginRejected,
    /// The session is logged out.
    LoggedOut,
}

/// Every transition; what is not here changes nothing.
const TABLE: [(State, Step, State); 21] = {
    use State::{Expired, LoggedIn, New, Rejected};
    use Step::{Adopted, LoginRejected, RefreshRejected, RefreshRejectedEarly, Renewed};
    [
        (New, Adopted, LoggedIn),
        (New, Renewed, LoggedIn),
        (New, LoginRejected, Rejected),
        (New, Step::LoggedOut, State::LoggedOut),
        (LoggedIn, Adopted, LoggedIn),
        (LoggedIn, Renewed, LoggedIn),
        (LoggedIn, RefreshRejected, Expired),
        // The access token is handed out until its end; what follows is a login.
        (LoggedIn, RefreshRejectedEarly, LoggedIn),
        (LoggedIn, LoginRejected, LoggedIn),
        (LoggedIn, Step::LoggedOut, State::LoggedOut),
        (Expired, Adopted, LoggedIn),
        (Expired, Renewed, LoggedIn),
        (Expired, LoginRejected, Rejected),
        (Expired, Step::LoggedOut, State::LoggedOut),
        (Rejected, Adopted, LoggedIn),
        (Rejected, Renewed, LoggedIn),
        (Rejected, LoginRejected, Rejected),
        (Rejected, Step::LoggedOut, State::LoggedOut),
        (State::LoggedOut, Adopted, LoggedIn),
        // A login that a caller asked for, and that a logout elsewhere does not cancel.
        (State::LoggedOut, Renewed, LoggedIn),
        (State::LoggedOut, Step::LoggedOut, State::LoggedOut),
    ]
};

/// The state after a step, `None` when the step means nothing there.
pub(super) fn next(state: State, step: Step) -> Option<State> {
    let mut transitions = TABLE.iter();
    let found = transitions.find(|(from, by, _)| *from == state && *by == step);
    found.map(|(_, _, to)| *to)
}

impl Lifecycle {
    /// The state of the session.
    pub fn state(&self) -> State {
        match self.token {
            Ok(_) => State::LoggedIn,
            Err(NoToken::NotLoggedIn) => State::New,
            Err(NoToken::SessionExpired) => State::Expired,
            Err(NoToken::CredentialsRejected) => State::Rejected,
            Err(NoToken::LoggedOut) => State::LoggedOut,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table as a state diagram in Mermaid's words.
    fn diagram() -> String {
        let mut diagram = "stateDiagram-v2\n    [*] --> New\n".to_owned();
        for (from, step, to) in TABLE {
            let step = match step {
                Step::Adopted => "tokens of another process are adopted",
                Step::Renewed => "login or refresh succeeds",
                Step::RefreshRejected => "refresh rejected",
                Step::RefreshRejectedEarly => "refresh rejected, token still good",
                Step::LoginRejected => "login rejected",
                Step::LoggedOut => "logout",
            };
            diagram += &format!("    {from:?} --> {to:?}: {step}\n");
        }
        diagram
    }

    #[test]
    fn the_diagram_in_the_readme_is_that_of_the_table() {
        let readme = include_str!("../../README.md");
        let expected = format!("```mermaid\n{}```\n", diagram());
        assert!(
            readme.contains(&expected),
            "the README of prancer-auth shows another diagram than the table makes; put this there:\n{expected}"
        );
    }
}
