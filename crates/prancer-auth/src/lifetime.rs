//! How long an access token lives.

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
pub(crate) fn of(token: &AccessToken, documented: Duration) -> Duration {
    claims(token.expose())
        .and_then(|claims| Some((claims.iat.as_f64()?, claims.exp.as_f64()?)))
        .and_then(|(iat, exp)| Duration::try_from_secs_f64(exp - iat).ok())
        .filter(|lifetime| !lifetime.is_zero() && *lifetime <= LONGEST)
        .unwrap_or(documented)
}

/// How long a refresh token is still good by its own account, where it is a JSON Web Token that tells.
#[cfg(feature = "redis")]
pub(crate) fn of_refresh_token(token: &prancer_auth_client::RefreshToken) -> Option<Duration> {
    let expires = claims(token.expose())?.exp.as_f64()?;
    let expires = Duration::try_from_secs_f64(expires).ok()?;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let left = expires.checked_sub(now.ok()?)?;
    (left <= LONGEST).then_some(left)
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
        assert_eq!(of(&token, REFRESH), Duration::from_secs(604_800));
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
            assert_eq!(of(&token(payload), REFRESH), REFRESH, "{payload}");
        }
        assert_eq!(of(&AccessToken::from("opaque"), LOGIN), LOGIN);
    }
}
