//! The numbers that decisions go by.

use std::time::Duration;

/// The numbers that decisions go by, each with its reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The life that a renewal gives, until one has shown another: the documented 24 hours.
    pub renewed_lifetime: Duration,
    /// The part of a token's life that is left when its renewal is due, drawn anew for every token between these two.
    ///
    /// The last fifth on average: late enough that few renewals suffice, and early enough to outlast hours without a
    /// portal. The random part keeps sessions apart that were renewed together.
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
    /// How long one attempt of an exchange may take.
    pub attempt: Duration,
    /// How often one exchange retries while a caller waits for it.
    pub retries: u32,
    /// The upper bound of the first pause inside an exchange; it doubles with each failure.
    pub retry_pause: Duration,
    /// An exchange does not pause longer than this inside; it fails, and says when to try again.
    pub longest_pause: Duration,
    /// An exchange that made no progress for so long is taken for lost, since its runtime may not run any more. Longer than an
    /// attempt, the pause before it and a call of the store take together.
    pub longest_silence: Duration,
    /// How long a store may take: for one call, and in one exchange altogether where it fails.
    pub store_call: Duration,
    /// How long an exchange waits for another holder of the store's lock. Longer than the lock of a holder that died takes to
    /// expire, so that a crash costs the others one expiry and no failure.
    pub lock_wait: Duration,
    /// How old what was read from a store may be.
    pub store_fresh: Duration,
    /// How long a caller with a valid token waits for the store.
    pub store_glance: Duration,
    /// How long a failed store is not tried again.
    pub store_pause: Duration,
    /// A session renews because an API rejected its token no more often than this, unless that API accepts the new one.
    pub stale_pause: Duration,
    /// How long credentials that another session saw rejected are not sent again.
    pub rejection_pause: Duration,
    /// How long a refresh token is taken to live where it does not say so itself.
    pub refresh_token_lifetime: Duration,
    /// The upper bound of the first pause between two exchanges; it doubles with each failure.
    pub backoff: Duration,
    /// That upper bound begins no lower than this part of the life that is left. A token that is good for hours has time, and
    /// sessions that were due while the portal was down spread out over it instead of coming back together.
    pub backoff_first_part: f64,
    /// The maximum backoff, as a fraction of the remaining life: a token that is good for hours has time.
    pub backoff_part: f64,
    /// That bound is never less than this, so that an expired session does not hammer the portal.
    pub shortest_backoff_bound: Duration,
    /// That bound is never more than this, and no portal's `Retry-After` is believed beyond it: no failure lasts for ever.
    pub longest_backoff_bound: Duration,
}

impl Policy {
    /// The policy of every session.
    pub const STANDARD: Self = {
        const fn seconds(seconds: u64) -> Duration {
            Duration::from_secs(seconds)
        }
        Self {
            renewed_lifetime: seconds(24 * 60 * 60),
            window: (0.1, 0.3),
            first_window: (0.1, 0.9),
            margin: seconds(60),
            margin_part: 0.05,
            attempt: seconds(15),
            retries: 2,
            retry_pause: Duration::from_millis(200),
            longest_pause: seconds(2),
            longest_silence: seconds(30),
            store_call: seconds(3),
            lock_wait: seconds(25),
            store_fresh: seconds(1),
            store_glance: seconds(1),
            store_pause: seconds(5),
            stale_pause: seconds(60),
            rejection_pause: seconds(60),
            refresh_token_lifetime: seconds(30 * 24 * 60 * 60),
            backoff: seconds(1),
            backoff_first_part: 0.25,
            backoff_part: 0.35,
            shortest_backoff_bound: seconds(5),
            longest_backoff_bound: seconds(60 * 60),
        }
    };

    /// The policy of a process that ends soon: it renews when it must, since what it begins ahead of need it would have to wait for.
    pub const SHORT_LIVED: Self = Self {
        window: (0.0, 0.0),
        first_window: (0.0, 0.0),
        ..Self::STANDARD
    };

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
    pub(crate) fn margin(&self, lifetime: Duration) -> Duration {
        self.margin.min(lifetime.mul_f64(self.margin_part))
    }
}
