//! The transitions between the stages of a session: the one source of what [`apply`](super::apply) does to them, and of the
//! diagram in the documentation.

use super::state::Phase;

/// A stage of a session: a [`Phase`] without what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nobody has logged in.
    New,
    /// There are tokens.
    Live,
    /// The portal refused the refresh token.
    Expired,
    /// The portal refused the credentials.
    Refused,
    /// Somebody logged out.
    LoggedOut,
}

/// What changes, or keeps, a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// A kept session is taken up.
    Resumed,
    /// A login or a refresh brought tokens.
    Renewed,
    /// The portal refused the refresh token.
    RefreshRefused,
    /// The portal refused the refresh token while the access token is good.
    RefreshRefusedEarly,
    /// The portal refused the credentials.
    LoginRefused,
    /// Credentials are given.
    CredentialsGiven,
    /// Somebody logs out.
    LoggedOut,
}

/// Every transition; what is not here changes nothing.
pub const TABLE: [(Stage, Step, Stage); 23] = {
    use Stage::{Expired, Live, New, Refused};
    use Step::{
        CredentialsGiven, LoginRefused, RefreshRefused, RefreshRefusedEarly, Renewed, Resumed,
    };
    [
        (New, Resumed, Live),
        (New, Renewed, Live),
        (New, LoginRefused, Refused),
        (New, CredentialsGiven, New),
        (New, Step::LoggedOut, Stage::LoggedOut),
        // Another process has renewed, or logged in.
        (Live, Resumed, Live),
        (Live, Renewed, Live),
        (Live, RefreshRefused, Expired),
        // The access token goes on being handed out until its end; what follows is a login.
        (Live, RefreshRefusedEarly, Live),
        (Live, LoginRefused, Live),
        (Live, Step::LoggedOut, Stage::LoggedOut),
        (Expired, Resumed, Live),
        (Expired, Renewed, Live),
        (Expired, LoginRefused, Refused),
        (Expired, CredentialsGiven, New),
        (Expired, Step::LoggedOut, Stage::LoggedOut),
        (Refused, Resumed, Live),
        (Refused, LoginRefused, Refused),
        (Refused, CredentialsGiven, New),
        (Refused, Step::LoggedOut, Stage::LoggedOut),
        (Stage::LoggedOut, Resumed, Live),
        (Stage::LoggedOut, CredentialsGiven, New),
        (Stage::LoggedOut, Step::LoggedOut, Stage::LoggedOut),
    ]
};

/// The stage after a step, `None` when the step means nothing there.
pub(super) fn next(stage: Stage, step: Step) -> Option<Stage> {
    let mut transitions = TABLE.iter();
    let found = transitions.find(|(from, by, _)| *from == stage && *by == step);
    found.map(|(_, _, to)| *to)
}

impl Phase {
    /// The phase without what it holds.
    pub fn stage(&self) -> Stage {
        match self {
            Self::New => Stage::New,
            Self::Live(_) => Stage::Live,
            Self::Expired => Stage::Expired,
            Self::Refused => Stage::Refused,
            Self::LoggedOut => Stage::LoggedOut,
        }
    }
}

/// The table as a state diagram in Mermaid's words.
pub fn diagram() -> String {
    let mut diagram = "stateDiagram-v2\n    [*] --> New\n".to_owned();
    for (from, step, to) in TABLE {
        let step = match step {
            Step::Resumed => "a session that is kept is taken up",
            Step::Renewed => "login or refresh succeeds",
            Step::RefreshRefused => "refresh refused",
            Step::RefreshRefusedEarly => "refresh refused, token still good",
            Step::LoginRefused => "login refused",
            Step::CredentialsGiven => "credentials given",
            Step::LoggedOut => "logout",
        };
        diagram += &format!("    {from:?} --> {to:?}: {step}\n");
    }
    diagram
}
