//! What a session does next.

use std::time::Duration;

use super::now::Now;
use super::policy::Policy;
use super::state::{Exchange, Life, Phase, State};

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
    let flight = state.under_way(now, policy);
    if let Phase::Live(life) = state.phase
        && state.satisfies(life, demand, now, policy)
    {
        let waits = state.trouble.is_some_and(|it| !it.remaining(now).is_zero());
        let due = life.left(now) <= life.window && flight.is_none() && !waits;
        return match state.next_exchange() {
            Ok(exchange) if due => Decision::UseAndStart(exchange),
            _ => Decision::Use,
        };
    }
    if flight.is_some() {
        return Decision::Join;
    }
    match (state.next_exchange(), state.retry_in(now, policy)) {
        (Err(why), _) => Decision::Refuse(why),
        (Ok(_), Some(wait)) => Decision::TryLater(wait),
        (Ok(exchange), None) => Decision::Start(exchange),
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
    Some(match (state.next_exchange(), state.flight, state.trouble) {
        (Err(_), ..) | (_, Some(_), _) => end,
        (_, None, Some(trouble)) => due.later(trouble.since.after(trouble.wait)).earlier(end),
        (_, None, None) => due.earlier(end),
    })
}

impl State {
    fn satisfies(&self, life: Life, demand: Demand, now: Now, policy: &Policy) -> bool {
        !self.usable(now, policy).is_zero()
            && match demand {
                Demand::Good => true,
                Demand::ValidFor(time) => {
                    life.left(now) >= time.min(policy.most(self.renewed_lifetime))
                }
                Demand::NewerThan(generation) => self.generation > generation,
            }
    }
}
