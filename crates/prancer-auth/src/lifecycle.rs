//! The life of a token and the order of a shared session, as pure functions.
//!
//! Nothing here reads a clock, does I/O, waits or draws a random number: time and chance are arguments. The engine drives it; so does
//! the simulation. Of it, only what the crate's root exports is part of the stable interface.

mod backoff;
mod decision;
mod event;
mod identity;
mod policy;
mod replica;
mod state;
mod step;
mod time;
mod transition;

pub use backoff::Backoff;
pub use decision::{Decision, Demand, decide, fast_path_until};
pub use event::{Event, apply};
pub use identity::Identity;
pub use policy::Policy;
pub use replica::{Local, Pending, Remote, Replica, Verdict, Version, reconcile};
pub use state::{Exchange, InFlight, Life, Lifecycle, NoToken, Progress};
pub use time::Now;
pub use transition::State;

#[cfg(test)]
mod tests;
