//! What happens to a session, and what that makes of it.

use std::time::Duration;

use super::policy::Policy;
use super::state::{Exchange, InFlight, Lifecycle, Progress};
use super::time::Now;
use super::transition::Step;

/// What happens to a session. `chance` is a random number from 0 to 1; `id` is that of an exchange.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event {
    /// Tokens are adopted: from the program, from the store, or from an exchange that was taken for lost.
    Adopted {
        /// From before the access token was asked for.
        since: Now,
        /// How long it lives from then on.
        lifetime: Duration,
        /// Whether its renewal is due at once, since nothing tells for sure how old it is.
        due: bool,
        /// Draws the moment of the renewal.
        chance: f64,
    },
    /// An exchange begins.
    Started {
        /// What is asked.
        exchange: Exchange,
        /// Whether a caller waits for it.
        awaited: bool,
        /// Whether it is a login that a caller asked for.
        supersedes: bool,
    },
    /// A caller waits for the exchange in flight.
    Joined,
    /// An exchange brought tokens.
    Renewed {
        /// Which one.
        id: u64,
        /// From before it asked.
        since: Now,
        /// How long the token lives from then on.
        lifetime: Duration,
        /// Draws the moment of the next renewal.
        chance: f64,
    },
    /// The portal rejected what an exchange asked for.
    Rejected {
        /// Which one.
        id: u64,
        /// Whether it logged in with other credentials than those that the session holds.
        others: bool,
    },
    /// An exchange failed for now.
    Failed {
        /// Which one.
        id: u64,
        /// When the portal wants to be asked again, from now on.
        retry_after: Option<Duration>,
        /// Whether it came no further than the store.
        at_store: bool,
        /// Draws the pause.
        chance: f64,
    },
    /// An exchange made progress while it waits for the store.
    Heard(u64),
    /// The new token has expired already: the exchange refreshes it at once.
    Reopened(u64),
    /// An exchange is over, and so is the backoff: what it brought is saved, or the store has answered for the portal.
    Completed(u64),
    /// The task of an exchange ended without a result.
    Lost {
        /// Which one.
        id: u64,
        /// Draws the pause.
        chance: f64,
    },
    /// Another session saw these credentials rejected, which are not sent for so long.
    RejectedElsewhere(Duration),
    /// Another session saw this refresh token rejected.
    RefreshRejectedElsewhere,
    /// An API rejected the token with this serial number.
    TokenStale(u64),
    /// An API that had rejected the token before accepts this one.
    TokenAccepted(u64),
    /// The session is logged out here.
    LoggedOut,
    /// The session was logged out in another process.
    LoggedOutElsewhere,
}

/// What the event makes of the state. An exchange that is not the one in flight changes nothing.
pub fn apply(state: &Lifecycle, event: Event, now: Now, policy: &Policy) -> Lifecycle {
    let mut next = state.clone();
    match event {
        Event::Adopted {
            since,
            lifetime,
            due,
            chance,
        } => {
            next.live(Step::Adopted, since, lifetime, chance, policy);
            if let (true, Ok(life)) = (due, &mut next.token) {
                life.window = Duration::MAX;
            }
        }
        Event::Started {
            exchange,
            awaited,
            supersedes,
        } => {
            next.exchanges += 1;
            next.in_flight = Some(InFlight {
                id: next.exchanges,
                heard: now,
                exchange,
                awaited,
                supersedes,
                failures: 0,
                pause: Duration::ZERO,
                progress: Progress::Asking,
            });
        }
        Event::Joined => {
            if let Some(it) = &mut next.in_flight {
                it.awaited = true;
            }
        }
        Event::Renewed {
            id,
            since,
            lifetime,
            chance,
        } => {
            let before = state.token.ok();
            if let Some(it) = next.end(id) {
                next.in_flight = Some(InFlight {
                    progress: Progress::Saving { before },
                    heard: now,
                    ..it
                });
                match it.exchange {
                    Exchange::LogIn => next.credentials_from = Some(Now::default()),
                    Exchange::Refresh => next.renewed_lifetime = lifetime,
                }
                next.live(Step::Renewed, since, lifetime, chance, policy);
                // One that has expired already is a failure.
                if !next.usable(now, policy).is_zero() {
                    next.backoff = None;
                }
            }
        }
        Event::Rejected { id, others } => {
            if let Some(it) = next.end(id) {
                next.rejected(it, others, now, policy);
            }
        }
        Event::Failed {
            id,
            retry_after,
            at_store,
            chance,
        } => {
            if let Some(it) = next.end(id) {
                if at_store && !next.usable(now, policy).is_zero() {
                    next.postpone(now, policy);
                } else {
                    next.failed(it, retry_after, chance, now, policy);
                }
            }
        }
        Event::Heard(id) => {
            if let Some(it) = next.in_flight.as_mut().filter(|it| it.id == id) {
                it.heard = now;
            }
        }
        Event::Reopened(id) => {
            if let Some(it) = next.in_flight.as_mut().filter(|it| it.id == id) {
                (it.progress, it.exchange) = (Progress::Asking, Exchange::Refresh);
                (it.pause, it.heard) = (Duration::ZERO, now);
            }
        }
        Event::Completed(id) => {
            if next.in_flight.take_if(|it| it.id == id).is_some() {
                next.backoff = None;
            }
        }
        Event::Lost { id, chance } => {
            let lost = next.in_flight.take_if(|it| it.id == id);
            if lost.is_some_and(|it| !it.is_saving()) {
                // The first time, callers that wait may ask again at once.
                let again = next.backoff.is_none();
                next.back_off(None, chance, now, policy);
                if let Some(backoff) = next.backoff.as_mut().filter(|_| again) {
                    backoff.wait = Duration::ZERO;
                }
            }
        }
        Event::RejectedElsewhere(pause) => {
            if next.credentials_from.is_some() {
                next.credentials_from = Some(now.after(pause));
                next.step(Step::LoginRejected);
            }
        }
        Event::RefreshRejectedElsewhere => {
            next.refresh_rejected(now, policy);
            // An exchange that was to send it logs in instead, where it can.
            if next.next_exchange(now) == Ok(Exchange::LogIn)
                && let Some(it) = next.in_flight.as_mut().filter(|it| !it.is_saving())
            {
                it.exchange = Exchange::LogIn;
                (it.pause, it.heard) = (Duration::ZERO, now);
            }
        }
        Event::TokenStale(serial) => {
            // It is replaced already: nobody gets it until the new one is saved.
            if serial + 1 == state.serial
                && let Some(it) = &mut next.in_flight
                && let Progress::Saving { before: Some(life) } = &mut it.progress
            {
                life.stale = true;
            }
            let paused = |since: Now| now.since(since) < policy.stale_pause;
            if let Ok(life) = &mut next.token
                && serial == state.serial
                && !life.stale
                && !state.stale_since.is_some_and(paused)
            {
                life.stale = true;
                next.stale_since = Some(now);
            }
        }
        Event::TokenAccepted(serial) => {
            if serial == state.serial {
                next.stale_since = None;
            }
        }
        Event::LoggedOut => next.log_out(true),
        // What a caller has asked for since goes on.
        Event::LoggedOutElsewhere => next.log_out(!state.in_flight.is_some_and(|it| it.supersedes)),
    }
    next
}
