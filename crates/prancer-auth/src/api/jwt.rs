//! What a token says of itself, where it is a JSON Web Token.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth_client::AccessToken;
use serde::Deserialize;
use serde_json::Value;

/// The documented life of an access token after a login.
pub(crate) const LOGIN: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The documented life of an access token after a refresh.
pub(crate) const REFRESH: Duration = Duration::from_secs(24 * 60 * 60);

/// The longest life that is believed; whatever says more is taken for an error of the portal's.
const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

#[derive(Deserialize)]
struct Claims {
    iat: Value,
    exp: Value,
}

/// What the token says of itself (`exp - iat`, so that the local clock does not matter), else what is documented.
pub(crate) fn lifetime(token: &AccessToken, documented: Duration) -> Duration {
    times(token.expose()).map_or(documented, |(iat, exp)| exp.saturating_sub(iat))
}

/// When a token was issued, and when it expires, since 1970 by the portal's clock; `None` where it does not say so, or not credibly.
pub(crate) fn times(token: &str) -> Option<(Duration, Duration)> {
    let claims = claims(token)?;
    let time = |claim: Value| Duration::try_from_secs_f64(claim.as_f64()?).ok();
    let (iat, exp) = (time(claims.iat)?, time(claims.exp)?);
    let lifetime = exp.saturating_sub(iat);
    (!lifetime.is_zero() && lifetime <= LONGEST).then_some((iat, exp))
}

/// The second of the three parts of a JSON Web Token, if it is one.
fn claims(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token whose claims are `{"iat":1000,"exp":<exp>}`, written out in base64 by the standard's alphabet.
    fn token(payload: &str) -> AccessToken {
        AccessToken::from(format!("eyJhbGciOiJIUzI1NiJ9.{payload}.c2ln"))
    }

    #[test]
    fn a_token_says_how_long_it_lives() {
        // {"iat":1000,"exp":605800}
        let token = token("eyJpYXQiOjEwMDAsImV4cCI6NjA1ODAwfQ");
        assert_eq!(lifetime(&token, REFRESH), Duration::from_secs(604_800));
    }

    #[test]
    fn an_opaque_or_absurd_token_lives_as_documented() {
        for payload in [
            "",
            "not base64!",
            "e30",                                                 // {}
            "eyJpYXQiOjEwMDB9",                                    // no exp
            "eyJleHAiOjEwMDB9",                                    // no iat
            "eyJpYXQiOjEwMDAsImV4cCI6MTAwMH0",                     // exp = iat
            "eyJpYXQiOjEwMDAsImV4cCI6LTF9",                        // exp = -1
            "eyJpYXQiOjEwMDAsImV4cCI6OTIyMzM3MjAzNjg1NDc3NTgwN30", // exp = 2^63 - 1
            "eyJpYXQiOjEwMDAsImV4cCI6InNvb24ifQ",                  // exp = "soon"
            "eyJpYXQiOjEwMDAsImV4cCI6MWUzMDB9",                    // exp = 1e300
        ] {
            assert_eq!(lifetime(&token(payload), REFRESH), REFRESH, "{payload}");
        }
        assert_eq!(lifetime(&AccessToken::from("opaque"), LOGIN), LOGIN);
    }
}
