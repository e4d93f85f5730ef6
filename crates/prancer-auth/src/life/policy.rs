//! The numbers that decisions go by.

use std::time::Duration;

/// The numbers that decisions go by, each with its reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The life that a renewal gives, until one has shown another: the documented 24 hours.
    pub renewed_lifetime: Duration,
    /// The part of a token's life that is left when its renewal is due, drawn anew for every token between these two.
    ///
    /// The last fifth on average: late, so that few renewals do, and early enough that a portal which is away for hours does
    /// no harm. The draw keeps sessions apart that were renewed together.
    pub window: (f64, f64),
    /// The same for a token that lives longer than a renewal would give, in parts of what a renewal gives.
    ///
    /// As wide as one renewal lasts on average, so that sessions which logged in together are spread evenly from their first
    /// renewal on. Below one: nothing is renewed while more than a renewal gives remains.
    pub first_window: (f64, f64),
    /// A token with less life than this is not handed out: the request that carries it takes time too.
    pub margin: Duration,
    /// The margin is never more than this part of a token's life, so that a short-lived one can be used at all.
    pub margin_part: f64,
    /// How often one exchange tries again by itself while somebody waits for it.
    pub retries: u32,
    /// The upper bound of the first pause inside an exchange; it doubles with each failure.
    pub retry_pause: Duration,
    /// An exchange that was not heard of for so long is lost: longer than an attempt and the pause before it can take.
    pub longest_silence: Duration,
    /// A token that was refused as soon as it was there is not renewed for another refusal before it is so old.
    pub dispute: Duration,
    /// An exchange does not wait longer than this inside; it fails, and says when to come again.
    pub patience: Duration,
    /// The upper bound of the first pause between two exchanges; it doubles with each failure.
    pub backoff: Duration,
    /// That upper bound begins no lower than this part of the life that is left. A token that is good for hours has time, and
    /// sessions that were due while the portal was away spread out over it instead of coming back together.
    pub backoff_first_part: f64,
    /// The bound of that bound: this part of the life that is left, since a token that is good for hours has time.
    pub backoff_part: f64,
    /// That bound is never less than this, so that an expired session does not hammer the portal.
    pub shortest_backoff_bound: Duration,
    /// That bound is never more than this, and no portal's `Retry-After` is believed beyond it: no failure lasts for ever.
    pub longest_backoff_bound: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            renewed_lifetime: Duration::from_secs(24 * 60 * 60),
            window: (0.1, 0.3),
            first_window: (0.1, 0.9),
            margin: Duration::from_secs(60),
            margin_part: 0.05,
            retries: 2,
            retry_pause: Duration::from_millis(200),
            longest_silence: Duration::from_secs(30),
            dispute: Duration::from_secs(60),
            patience: Duration::from_secs(2),
            backoff: Duration::from_secs(1),
            backoff_first_part: 0.25,
            backoff_part: 0.35,
            shortest_backoff_bound: Duration::from_secs(5),
            longest_backoff_bound: Duration::from_secs(60 * 60),
        }
    }
}

impl Policy {
    /// How much life is left when a token's renewal is due.
    pub(super) fn window(&self, lifetime: Duration, renewed: Duration, chance: f64) -> Duration {
        let (base, (low, high)) = if lifetime > renewed {
            (renewed, self.first_window)
        } else {
            (lifetime, self.window)
        };
        base.mul_f64(low + (high - low) * chance.clamp(0.0, 1.0))
    }

    /// The margin of a token that lives so long.
    pub(super) fn margin(&self, lifetime: Duration) -> Duration {
        self.margin.min(lifetime.mul_f64(self.margin_part))
    }

    /// The most life that can be asked for: asking for more would renew at every call.
    pub(super) fn most(&self, renewed: Duration) -> Duration {
        renewed.mul_f64(1.0 - self.window.0)
    }
}
