//! Where the portal is, who logs in, and the environment that says so.

pub(crate) mod credentials;
mod customer_id;
pub(crate) mod endpoint;
pub(crate) mod environment;
pub(crate) mod invalid_portal;
mod path_text;
pub(crate) mod portal;
