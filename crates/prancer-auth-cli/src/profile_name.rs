//! The name of a profile: part of a file's name, and a word in a shell.

use crate::exit::Exit;
use crate::failure::Failure;

/// The profile where nothing else is said.
pub(crate) const DEFAULT: &str = "default";

pub(crate) fn is_name(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !name.is_empty() && name.chars().all(letters)
}

/// Fails where this cannot be a profile's name.
pub(crate) fn check(name: &str) -> Result<(), Failure> {
    if is_name(name) {
        return Ok(());
    }
    Err(Failure::plain(Exit::Usage, problem(name)))
}

/// What is wrong with a name that is none.
pub(crate) fn problem(name: &str) -> String {
    format!("Invalid profile name `{name}`: use letters, digits, hyphens, `_` and `.`")
}
