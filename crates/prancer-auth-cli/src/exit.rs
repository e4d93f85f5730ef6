//! The exit codes.

use std::process::ExitCode;

/// What the process says as it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done = 0,
    Failed = 1,
    Usage = 2,
    /// A login is needed, or was rejected.
    Login = 4,
    Unreachable = 5,
    /// What `run` is to run is not executable, as shells say it.
    NotExecutable = 126,
    /// What `run` is to run is not there.
    NotFound = 127,
    /// 128 and the number of the signal.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
