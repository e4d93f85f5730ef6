//! The life of a token, as pure functions: what a session does next, and what an event makes of it.
//!
//! Nothing here reads a clock, speaks to anybody, waits or draws a random number: time and chance are arguments. The session drives
//! it; so does the simulation. It is no part of the stable interface.

mod backoff;
mod decision;
mod event;
mod now;
mod policy;
mod state;
mod step;
mod transition;

pub use decision::{Decision, Demand, Why, decide, quiet_until};
pub use event::{Event, apply};
pub use now::Now;
pub use policy::Policy;
pub use state::{Exchange, Flight, Life, Phase, State, Trouble};
pub use transition::{Stage, Step, TABLE, diagram};

#[cfg(test)]
mod tests;
