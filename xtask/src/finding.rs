//! One thing that is wrong with the document.

use std::fmt;

use crate::workspace::DOCUMENT;

/// What is wrong, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    pub(crate) line: usize,
    /// The JSON pointer of the part that is meant, empty for the whole document.
    pub(crate) pointer: String,
    pub(crate) problem: String,
    pub(crate) remedy: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            pointer,
            problem,
            remedy,
        } = self;
        write!(f, "{DOCUMENT}:{line}: #{pointer}: {problem}\n    {remedy}")
    }
}
