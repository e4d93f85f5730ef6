#![doc = include_str!("../README.md")]

#[allow(missing_docs, clippy::unwrap_used, reason = "written by the generator")]
mod generated;

pub use generated::{MockServerExt, operations};
#[doc(no_inline)]
pub use httpmock;
