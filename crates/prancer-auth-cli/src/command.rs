//! The subcommands, a file each.

pub(crate) mod api;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod refresh;
pub(crate) mod status;
pub(crate) mod token;
