//! No core file of this process, which could hold a secret; what it runs has the limit of the caller.

use std::sync::OnceLock;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

static BEFORE: OnceLock<Rlimit> = OnceLock::new();

/// No core file from now on.
pub(crate) fn off() {
    let before = getrlimit(Resource::Core);
    let none = Rlimit {
        current: Some(0),
        maximum: before.maximum,
    };
    let _ = setrlimit(Resource::Core, none);
    let _ = BEFORE.set(before);
}

/// The limit of the caller, for another program that takes the place of this one.
pub(crate) fn as_before() {
    if let Some(before) = BEFORE.get() {
        let _ = setrlimit(Resource::Core, *before);
    }
}
