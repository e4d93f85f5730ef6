//! How long to wait after a failure: exponential backoff with full jitter.

use std::time::Duration;

use super::policy::Policy;
use super::time::Now;

/// A failure that is remembered for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// How many exchanges have failed in a row.
    pub failures: u32,
    /// When the wait began.
    pub since: Now,
    /// How long the next exchange waits from then on.
    pub wait: Duration,
    /// How much of that counts for a caller that has no token.
    pub without_token: Duration,
}

impl Backoff {
    /// How long the next exchange still waits.
    pub fn remaining(&self, now: Now) -> Duration {
        self.wait.saturating_sub(now.since(self.since))
    }
}

/// The pause inside an exchange, after so many failures.
pub(super) fn inside(policy: &Policy, failures: u32, chance: f64) -> Duration {
    jittered(policy.retry_pause, failures, policy.longest_pause, chance)
}

/// The pause between two exchanges, after so many that failed, for a session that has so much life left.
pub(super) fn between(policy: &Policy, failures: u32, left: Duration, chance: f64) -> Duration {
    let bound = left
        .mul_f64(policy.backoff_part)
        .clamp(policy.shortest_backoff_bound, policy.longest_backoff_bound);
    let first = policy.backoff.max(left.mul_f64(policy.backoff_first_part));
    jittered(first, failures, bound, chance)
}

fn jittered(first: Duration, failures: u32, bound: Duration, chance: f64) -> Duration {
    let doubled = 1_u32
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u32::MAX);
    let longest = first.saturating_mul(doubled).min(bound);
    longest.mul_f64(chance.clamp(0.0, 1.0))
}
