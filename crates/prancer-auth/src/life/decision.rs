//! What a session does next.

use std::time::Duration;

use super::now::Now;
use super::policy::Policy;
use super::state::{Exchange, Phase, State};

/// What somebody wants of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A token that is good.
    Good,
    /// A token that is good for so long at least, as far as a renewal can give that.
    ValidFor(Duration),
    /// A token of a later generation than this.
    NewerThan(u64),
}

/// What to do for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Hand out the token that is there.
    Use,
    /// Hand out the token that is there, and begin an exchange behind.
    UseAndStart(Exchange),
    /// Begin an exchange and wait for it.
    Start(Exchange),
    /// Wait for the exchange under way.
    Join,
    /// Say that it failed, and in how long to come again.
    TryLater(Duration),
    /// Say why there will be none.
    Refuse(Why),
}

/// Why there will be no token without a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody has logged in.
    NotLoggedIn,
    /// The portal refused the refresh token.
    SessionExpired,
    /// The portal refused the credentials.
    CredentialsRefused,
    /// Somebody logged out.
    LoggedOut,
}

/// What to do for somebody who wants a token.
pub fn decide(state: &State, demand: Demand, now: Now, policy: &Policy) -> Decision {
    let exchange = match state.phase {
        Phase::Live(life) => {
            let usable = state.usable(now, policy);
            let left = life.left(now);
            let satisfied = !usable.is_zero()
                && match demand {
                    Demand::Good => true,
                    Demand::ValidFor(time) => left >= time.min(policy.most(state.renewed_lifetime)),
                    Demand::NewerThan(generation) => state.generation > generation,
                };
            let idle = state.flight.is_none() && state.waits(now).is_none();
            if satisfied && left <= life.window && idle {
                return Decision::UseAndStart(Exchange::Refresh);
            } else if satisfied {
                return Decision::Use;
            }
            Exchange::Refresh
        }
        Phase::New | Phase::Expired if state.credentials => Exchange::LogIn,
        Phase::New => return Decision::Refuse(Why::NotLoggedIn),
        Phase::Expired => return Decision::Refuse(Why::SessionExpired),
        Phase::Refused => return Decision::Refuse(Why::CredentialsRefused),
        Phase::LoggedOut => return Decision::Refuse(Why::LoggedOut),
    };
    match (state.flight, state.waits(now)) {
        (Some(_), _) => Decision::Join,
        (None, Some(wait)) => Decision::TryLater(wait),
        (None, None) => Decision::Start(exchange),
    }
}

/// Until when [`decide`] says [`Decision::Use`] to everybody who wants a good token, if nothing happens before.
pub fn quiet_until(state: &State, policy: &Policy) -> Option<Now> {
    let Phase::Live(life) = state.phase else {
        return None;
    };
    if life.refused {
        return None;
    }
    let margin = policy.margin(life.lifetime);
    let end = life.since.after(life.lifetime.saturating_sub(margin));
    let due = life.since.after(life.lifetime.saturating_sub(life.window));
    Some(match (state.flight, state.trouble) {
        (Some(_), _) => end,
        (None, Some(trouble)) => due.later(trouble.since.after(trouble.wait)).earlier(end),
        (None, None) => due.earlier(end),
    })
}

impl State {
    /// How long the next exchange still waits, if it does.
    fn waits(&self, now: Now) -> Option<Duration> {
        let remaining = self.trouble?.remaining(now);
        (!remaining.is_zero()).then_some(remaining)
    }
}
