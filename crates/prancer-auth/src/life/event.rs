//! What happens to a session, and what that makes of it.

use std::time::Duration;

use super::now::Now;
use super::policy::Policy;
use super::state::{Exchange, Flight, Phase, State};
use super::transition::Step;

/// What happens to a session. `chance` is a random number from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// A session that was kept is taken up, or one that another process has written since.
    Resumed {
        /// From before its token was asked for.
        since: Now,
        /// How long the token lives from then on.
        lifetime: Duration,
        /// Draws the moment of the renewal.
        chance: f64,
    },
    /// An exchange begins.
    Started {
        /// What is asked.
        exchange: Exchange,
        /// Whether somebody waits for it.
        awaited: bool,
    },
    /// Somebody waits for the exchange under way.
    Joined,
    /// An exchange brought tokens.
    Renewed {
        /// Which one.
        flight: u64,
        /// From before it asked.
        since: Now,
        /// How long the token lives from then on.
        lifetime: Duration,
        /// Draws the moment of the next renewal.
        chance: f64,
    },
    /// The portal refused what an exchange asked for.
    Refused {
        /// Which one.
        flight: u64,
    },
    /// An exchange failed for now.
    Failed {
        /// Which one.
        flight: u64,
        /// When the portal wants to be asked again, from now on.
        retry_after: Option<Duration>,
        /// Draws the pause.
        chance: f64,
    },
    /// An exchange was heard of: what it waits for is not the portal.
    Heard {
        /// Which one.
        flight: u64,
    },
    /// An exchange is not needed any more: somebody else has made it.
    Settled {
        /// Which one.
        flight: u64,
    },
    /// An exchange ended without a word: its task died.
    Lost {
        /// Which one.
        flight: u64,
        /// Draws the pause.
        chance: f64,
    },
    /// Credentials are given.
    CredentialsGiven,
    /// A secure API refused the token of this generation.
    TokenRefused {
        /// Which one.
        generation: u64,
    },
    /// A secure API refused the token of this generation, which was new, in answer to a request that it had refused before.
    RefusedAgain {
        /// Which one.
        generation: u64,
    },
    /// Somebody logs out.
    LoggedOut,
}

/// What the event makes of the state. An exchange that is not the one under way changes nothing.
pub fn apply(state: &State, event: Event, now: Now, policy: &Policy) -> State {
    let mut next = state.clone();
    match event {
        Event::Resumed {
            since,
            lifetime,
            chance,
        } => next.live(Step::Resumed, since, lifetime, chance, policy),
        Event::Started { exchange, awaited } => {
            next.flights += 1;
            next.flight = Some(Flight {
                id: next.flights,
                since: now,
                exchange,
                awaited,
                failures: 0,
                pause: Duration::ZERO,
            });
        }
        Event::Joined => {
            if let Some(flight) = &mut next.flight {
                flight.awaited = true;
            }
        }
        Event::Renewed {
            flight,
            since,
            lifetime,
            chance,
        } => {
            if let Some(flight) = next.take_flight(flight) {
                match flight.exchange {
                    Exchange::LogIn | Exchange::Offer => next.credentials = true,
                    Exchange::Refresh => next.renewed_lifetime = lifetime,
                }
                next.trouble = None;
                next.live(Step::Renewed, since, lifetime, chance, policy);
            }
        }
        Event::Refused { flight } => {
            if let Some(flight) = next.take_flight(flight) {
                next.refused(flight, now, policy);
            }
        }
        Event::Failed {
            flight,
            retry_after,
            chance,
        } => {
            if let Some(flight) = next.take_flight(flight) {
                next.failed(flight, retry_after, chance, now, policy);
            }
        }
        Event::Heard { flight } => {
            if let Some(flight) = next.flight.as_mut().filter(|it| it.id == flight) {
                flight.since = now;
            }
        }
        Event::Settled { flight } => {
            if next.take_flight(flight).is_some() {
                next.trouble = None;
            }
        }
        Event::Lost { flight, chance } => {
            if next.take_flight(flight).is_some() {
                // The first time, whoever waits may ask again at once.
                let again = next.trouble.is_none();
                next.trouble(None, chance, now, policy);
                if let Some(trouble) = next.trouble.as_mut().filter(|_| again) {
                    trouble.wait = Duration::ZERO;
                }
            }
        }
        Event::CredentialsGiven => {
            next.credentials = true;
            next.step(Step::CredentialsGiven);
        }
        Event::TokenRefused { generation } => {
            if let Phase::Live(life) = &mut next.phase
                && generation == state.generation
            {
                life.refused |= !life.disputed || now.since(life.since) >= policy.dispute;
            }
        }
        Event::RefusedAgain { generation } => {
            if let Phase::Live(life) = &mut next.phase
                && generation == state.generation
            {
                life.disputed = true;
            }
        }
        Event::LoggedOut => {
            next.generation += 1;
            next.flight = None;
            next.trouble = None;
            next.step(Step::LoggedOut);
        }
    }
    next
}
