//! The commands, a module each.

pub(crate) mod api;
pub(crate) mod completions;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod man;
pub(crate) mod profile;
pub(crate) mod proxy;
pub(crate) mod refresh;
pub(crate) mod run;
pub(crate) mod status;
pub(crate) mod token;
