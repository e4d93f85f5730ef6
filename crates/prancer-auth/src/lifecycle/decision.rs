//! What a session does next.

use std::time::Duration;

use super::policy::Policy;
use super::state::{Exchange, Life, Lifecycle, NoToken, Progress};
use super::time::Now;

/// What a caller wants of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Demand {
    /// A token that is good.
    Good,
    /// A token that is good for so long at least.
    ValidFor(Duration),
    /// A later token than the one with this serial number.
    NewerThan(u64),
}

/// What to do for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Hand out the token.
    Use,
    /// Hand out the token, and begin an exchange that the caller does not wait for.
    UseAndStart(Exchange),
    /// Begin an exchange and wait for it.
    Start(Exchange),
    /// Wait for the exchange in flight.
    Join,
    /// Say that it failed, and in how long to try again.
    TryLater(Duration),
    /// Say why there is no token.
    Deny(NoToken),
    /// Say that there is a token, but no renewal gives one that lives so long.
    DenyShort(Duration),
}

/// What to do for a caller that wants a token.
pub fn decide(state: &Lifecycle, demand: Demand, now: Now, policy: &Policy) -> Decision {
    let in_flight = state.in_flight(now, policy);
    // The new token is not saved yet: a process that had it might end, and lose it for the others.
    let saving = in_flight.is_some_and(|it| it.is_saving());
    if let Ok(life) = state.token
        && state.satisfies(life, demand, now, policy)
        && !saving
    {
        let waits = state.backoff.is_some_and(|it| !it.remaining(now).is_zero());
        let due = life.left(now) <= life.window && in_flight.is_none() && !waits;
        return match state.next_exchange(now) {
            Ok(exchange) if due => Decision::UseAndStart(exchange),
            _ => Decision::Use,
        };
    }
    if let Some(it) = in_flight {
        return match it.progress {
            Progress::Saving { before: Some(life) }
                if demand == Demand::Good && !life.usable(now, policy).is_zero() =>
            {
                Decision::Use
            }
            _ => Decision::Join,
        };
    }
    let good = !state.usable(now, policy).is_zero();
    match (state.next_exchange(now), state.retry_in(now), demand) {
        (Ok(Exchange::Refresh), _, Demand::ValidFor(time))
            if good && time >= state.renewed_lifetime =>
        {
            Decision::DenyShort(time)
        }
        (Err(why), ..) => Decision::Deny(why),
        (Ok(_), Some(wait), _) => Decision::TryLater(wait),
        (Ok(exchange), None, _) => Decision::Start(exchange),
    }
}

/// Until when [`decide`] says [`Decision::Use`] to every caller that wants a good token, if nothing happens before.
pub fn fast_path_until(state: &Lifecycle, policy: &Policy) -> Option<Now> {
    let life = state.token.ok().filter(|it| !it.stale)?;
    let margin = policy.margin(life.lifetime);
    let end = life.since.after(life.lifetime.saturating_sub(margin));
    let due = life.since.after(life.lifetime.saturating_sub(life.window));
    let can_renew = life.no_refresh.is_none() || state.credentials_from.is_some();
    Some(match (can_renew, state.in_flight, state.backoff) {
        (false, ..) => end,
        // An exchange that is silent for too long is replaced.
        (_, Some(it), _) => end.earlier(it.heard.after(policy.longest_silence)),
        (_, None, Some(backoff)) => due.later(backoff.since.after(backoff.wait)).earlier(end),
        (_, None, None) => due.earlier(end),
    })
}

impl Lifecycle {
    fn satisfies(&self, life: Life, demand: Demand, now: Now, policy: &Policy) -> bool {
        !self.usable(now, policy).is_zero()
            && match demand {
                Demand::Good => true,
                Demand::ValidFor(time) => life.left(now) >= time,
                Demand::NewerThan(serial) => self.serial > serial,
            }
    }
}
