//! What a token says of itself, where it is a JSON Web Token.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde::Deserialize;
use serde_json::Value;

/// The documented life of an access token after a login.
pub(crate) const LOGIN: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The documented life of an access token after a refresh.
pub(crate) const REFRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest life that is believed; whatever says more is taken for an error of the portal's.
pub(crate) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);
/// How far the local clock may be behind itself: it is read as the kernel last noted it.
const TICK: Duration = Duration::from_millis(20);

#[derive(Deserialize)]
struct Claims {
    #[serde(default)]
    iat: Value,
    exp: Value,
}

/// When a token was issued, where it says that, and when it expires, since 1970 by the portal's clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    issued_at: Option<Duration>,
    pub(crate) expires_at: Duration,
}

impl Times {
    /// How long the token lives from `asked_at` on, which is before it was issued, and never longer than it does.
    pub(crate) fn lifetime(
        &self,
        asked_at: Duration,
        answered_at: Duration,
        documented: Duration,
    ) -> Duration {
        let clock = self.portal_clock(asked_at, answered_at).unwrap_or(asked_at);
        let left = self.expires_at.saturating_sub(clock);
        left.min(match self.issued_at {
            Some(issued_at) => self.expires_at.saturating_sub(issued_at),
            // By the local clock alone, which may be wrong: no longer than the document says.
            None => documented,
        })
    }

    /// What the portal's clock said at most when the local one said `asked_at`; `None` where the token does not tell.
    ///
    /// Claims in whole seconds have lost up to one. Where both clocks agree that far, the local one tells the rest. No more than half of a
    /// life is given up, so that a token of a second can be used at all.
    pub(crate) fn portal_clock(
        &self,
        asked_at: Duration,
        answered_at: Duration,
    ) -> Option<Duration> {
        let issued_at = self.issued_at?;
        let is_whole = issued_at.subsec_nanos() == 0;
        let lost = if is_whole { SECOND } else { Duration::ZERO };
        if asked_at <= issued_at + lost && issued_at <= answered_at + TICK {
            return Some(asked_at);
        }
        let half = self.expires_at.saturating_sub(issued_at) / 2;
        Some(issued_at + lost.min(half))
    }
}

/// What a token says of itself; `None` where it does not say when it expires, or nothing credible.
///
/// A token that expires before it is issued is credible: it is dead.
pub(crate) fn times(token: &str) -> Option<Times> {
    let payload = token.split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    let claims: Claims = serde_json::from_slice(&payload).ok()?;
    let time = |claim: Value| Duration::try_from_secs_f64(claim.as_f64()?.max(0.0)).ok();
    let (issued_at, expires_at) = (time(claims.iat), time(claims.exp)?);
    let lifetime = expires_at.saturating_sub(issued_at.unwrap_or(expires_at));
    (lifetime <= LONGEST).then_some(Times {
        issued_at,
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
        format!("eyJhbGciOiJIUzI1NiJ9.{claims}.c2ln")
    }

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_token_says_how_long_it_lives() {
        assert_eq!((LOGIN.as_secs(), REFRESH.as_secs()), (604_800, 86_400));
        assert_eq!(LONGEST.as_secs(), 315_360_000);
        let times = times(&token(r#"{"iat":1000,"exp":605800}"#)).unwrap();
        // Issued within the second that its claims name, by the same clock.
        assert_eq!(times.lifetime(at(1000.4), at(1000.6), LOGIN), at(604_799.6));
        assert_eq!(times.lifetime(at(999.9), at(1000.1), LOGIN), at(604_800.0));
        // By another clock: up to a second may be lost.
        assert_eq!(times.lifetime(at(2000.4), at(2000.6), LOGIN), at(604_799.0));
        assert_eq!(times.lifetime(at(10.0), at(20.0), LOGIN), at(604_799.0));
    }

    #[test]
    fn a_token_that_says_its_end_alone_lives_until_then_by_the_local_clock() {
        for claims in [r#"{"exp":2000}"#, r#"{"exp":2000,"iat":"now"}"#] {
            let times = times(&token(claims)).unwrap();
            assert_eq!(times.lifetime(at(1000.5), at(1001.0), LOGIN), at(999.5));
            assert_eq!(
                times.lifetime(at(3000.0), at(3001.0), LOGIN),
                Duration::ZERO
            );
        }
        let times = times(&token(r#"{"exp":9e18}"#)).unwrap();
        assert_eq!(times.lifetime(at(1000.0), at(1000.0), LOGIN), LOGIN);
        assert_eq!(times.lifetime(at(1000.0), at(1000.0), REFRESH), REFRESH);
        assert_eq!(times.portal_clock(at(1000.0), at(1000.0)), None);
    }

    #[test]
    fn a_token_that_ends_before_it_begins_is_dead() {
        for exp in ["1000", "999", "0", "-1"] {
            let times = times(&token(&format!(r#"{{"iat":1000,"exp":{exp}}}"#))).unwrap();
            assert_eq!(
                times.lifetime(at(1000.0), at(1000.0), LOGIN),
                Duration::ZERO
            );
        }
    }

    #[test]
    fn an_opaque_or_absurd_token_says_nothing() {
        for claims in [
            "",
            "{}",
            r#"{"iat":1000}"#,
            r#"{"iat":1000,"exp":9223372036854775807}"#,
            r#"{"iat":1000,"exp":"soon"}"#,
            r#"{"iat":1000,"exp":1e300}"#,
        ] {
            assert!(times(&token(claims)).is_none(), "{claims}");
        }
        for token in ["opaque", "h.not base64!.s"] {
            assert!(times(token).is_none(), "{token}");
        }
    }
}
