//! The token that every peer hands out, and the header that it belongs in.

use http::HeaderValue;
use std::time::Duration;

const LENGTH: usize = 700;

/// How long the token is valid.
pub(crate) const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The token.
pub(crate) fn token() -> String {
    "x".repeat(LENGTH)
}

/// What a caller does with a library that gives only a string.
pub(crate) fn bearer(token: &str) -> HeaderValue {
    HeaderValue::try_from(format!("Bearer {token}")).expect("a header")
}

/// What the loopback server answers to any request: a token in the words of every peer that asks.
pub(crate) fn answer() -> String {
    serde_json::json!({
        "access_token": token(),
        "expires_in": LIFETIME.as_secs(),
        "expires_at": "2100-01-01T00:00:00Z",
        "ext_expires_in": LIFETIME.as_secs(),
        "permissions": {},
        "token": token(),
        "token_type": "Bearer",
    })
    .to_string()
}
