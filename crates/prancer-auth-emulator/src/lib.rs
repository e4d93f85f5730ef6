#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod answer;
mod calls;
mod clock;
#[cfg(feature = "command")]
pub mod command;
#[cfg(feature = "docs")]
mod docs;
mod document;
mod emulator;
mod fault;
mod portal;
mod routes;
mod server;
mod settings;
mod token;

pub use calls::Operation;
pub use emulator::Emulator;
pub use fault::Fault;
pub use settings::{Settings, Shape, User};
