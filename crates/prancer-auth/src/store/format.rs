//! The written form of a stored session, in JSON. Every version that was ever written is read; the newest is written.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use super::stored::{StoredLogout, StoredRejection, StoredSession, StoredTokens};
use crate::lifecycle::Identity;

/// Why a session cannot be read. No text of it holds a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFormat {
    /// It is cut short, or it is not a session.
    #[error("damaged at line {line}, column {column}; remove it, then log in again")]
    Damaged {
        /// The line where reading ended, from 1 on.
        line: usize,
        /// The column in that line.
        column: usize,
    },
    /// A newer version of this program wrote it.
    #[error("format {0} is not known to this version; use a newer one")]
    Version(u32),
    /// It is larger than any session, and was not read.
    #[error("larger than any session; remove it, then log in again")]
    TooLarge,
    /// It is sealed, and the key that was given, if any, does not open it.
    #[error("it is sealed, and the given key, if any, does not open it")]
    Sealed,
    /// It is not sealed although the store has a key: anyone who can write to the store may have put it there.
    #[error("it is not sealed, so it may be forged (`RedisStore::accept_unsealed` accepts it)")]
    Unsealed,
}

/// The highest generation that is accepted. Generations start from the time in milliseconds since 1970, so no clock reaches it for 285,000
/// years.
const LAST_GENERATION: u64 = 1 << 53;

/// The version alone: what else a newer version writes is not known here.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// All versions. Version 1 had no generation and the members of its tokens beside the others, version 2 neither a customer id nor the
/// times of a logout.
#[derive(Serialize, Deserialize)]
struct Session {
    version: u32,
    #[serde(default, deserialize_with = "generation")]
    generation: Option<u64>,
    portal: String,
    customer_id: Option<String>,
    email: Option<String>,
    tokens: Option<StoredTokens>,
    logout: Option<StoredLogout>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<StoredRejection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_rejected: Option<StoredRejection>,
}

impl StoredSession {
    /// The format that this version writes.
    pub const VERSION: u32 = 3;
    /// The most bytes that are read. Both tokens come in answers of 1 MiB at most, and what is escaped takes twice as much.
    #[cfg(any(feature = "file", feature = "redis"))]
    pub(super) const LARGEST: usize = 8 << 20;

    /// The session in JSON, tokens included; the memory is wiped when it is dropped.
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let identity = self.identity.clone();
        let written = Session {
            version: Self::VERSION,
            generation: Some(self.generation),
            portal: identity.portal,
            customer_id: identity.customer_id,
            email: identity.email,
            tokens: self.tokens.clone(),
            logout: self.logout,
            rejected: self.rejected.clone(),
            refresh_rejected: self.refresh_rejected.clone(),
        };
        // Room for all of it: a vector that grows leaves copies of the tokens behind.
        let mut json = Zeroizing::new(Vec::with_capacity(16 * 1024));
        // Strings and numbers can always be written to memory.
        let _ = serde_json::to_writer_pretty(&mut *json, &written);
        json.push(b'\n');
        json
    }

    /// Reads a session of any known format.
    ///
    /// # Errors
    ///
    /// [`InvalidFormat`] says where it is damaged, or which format it has.
    pub fn from_json(json: &[u8]) -> Result<Self, InvalidFormat> {
        let version = parse::<Version>(json)?.version;
        if !(1..=Self::VERSION).contains(&version) {
            return Err(InvalidFormat::Version(version));
        }
        let it = parse::<Session>(json)?;
        let tokens = match version {
            1 => Some(parse::<StoredTokens>(json)?),
            _ => it.tokens,
        };
        // A session has either tokens or a logout, whatever is written; a rejection alone has neither.
        let logout = match (&tokens, &it.rejected) {
            (Some(_), _) => None,
            (None, Some(_)) => it.logout,
            (None, None) => Some(it.logout.unwrap_or(StoredLogout::UNKNOWN)),
        };
        let identity = Identity {
            portal: it.portal,
            customer_id: it.customer_id,
            email: it.email,
        };
        Ok(Self {
            generation: it.generation.unwrap_or(1),
            identity,
            refresh_rejected: it.refresh_rejected.filter(|_| tokens.is_some()),
            tokens,
            logout,
            rejected: it.rejected,
        })
    }
}

/// A generation beyond what any clock reaches could never be exceeded by a later session: it is damage.
fn generation<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let read = Option::<u64>::deserialize(deserializer)?;
    match read.filter(|it| *it > LAST_GENERATION) {
        Some(_) => Err(D::Error::custom("the generation is out of range")),
        None => Ok(read),
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, InvalidFormat> {
    serde_json::from_slice(json).map_err(|error| InvalidFormat::Damaged {
        line: error.line(),
        column: error.column(),
    })
}

#[cfg(test)]
mod tests {
    use prancer_auth_client::{AccessToken, RefreshToken};

    use super::*;

    fn identity() -> Identity {
        Identity::new("https://portal.prancer.io/").with_email("user@example.com")
    }

    /// As an earlier version wrote it, which did not know the login.
    fn earlier() -> StoredSession {
        let mut earlier = session();
        earlier.tokens.as_mut().unwrap().login = None;
        StoredSession {
            identity: identity(),
            ..earlier
        }
    }

    fn session() -> StoredSession {
        let tokens = StoredTokens {
            access_token: AccessToken::from("canary-access"),
            refresh_token: RefreshToken::from("canary-refresh"),
            issued_at_ms: 1,
            login: Some(7),
            lifetime_ms: 2,
        };
        StoredSession::new(identity().with_customer_id("customer1"), tokens).with_generation(7)
    }

    fn logged_out(at_ms: u64, until_ms: u64) -> StoredSession {
        let logout = StoredLogout { at_ms, until_ms };
        StoredSession::logged_out(session().identity, logout).with_generation(8)
    }

    #[test]
    fn the_last_generation_that_a_clock_reaches_is_read_and_none_after_it() {
        let read = |generation| {
            let json = session().with_generation(generation).to_json();
            StoredSession::from_json(&json).map(|it| it.generation)
        };
        assert_eq!(read(LAST_GENERATION).ok(), Some(LAST_GENERATION));
        assert!(read(LAST_GENERATION + 1).is_err());
    }

    #[test]
    fn what_is_written_is_read_with_tokens_and_after_a_logout() {
        let expired = StoredSession {
            refresh_rejected: Some(StoredRejection {
                at_ms: 3,
                status: 401,
                message: "revoked".to_owned(),
            }),
            ..session()
        };
        for session in [
            session(),
            expired,
            logged_out(1, 2),
            logged_out(0, u64::MAX),
        ] {
            assert_eq!(StoredSession::from_json(&session.to_json()), Ok(session));
        }
    }

    #[test]
    fn the_first_format_is_still_read() {
        let first = br#"{"version": 1, "portal": "https://portal.prancer.io/", "email": "user@example.com",
            "access_token": "canary-access", "refresh_token": "canary-refresh", "issued_at_ms": 1, "lifetime_ms": 2}"#;
        let expected = earlier().with_generation(1);
        assert_eq!(StoredSession::from_json(first), Ok(expected));
    }

    #[test]
    fn the_second_format_is_still_read_with_tokens_and_after_a_logout() {
        let second = br#"{"version": 2, "generation": 7, "portal": "https://portal.prancer.io/", "email": "user@example.com",
            "tokens": {"access_token": "canary-access", "refresh_token": "canary-refresh", "issued_at_ms": 1, "lifetime_ms": 2}}"#;
        assert_eq!(StoredSession::from_json(second), Ok(earlier()));
        let second = br#"{"version": 2, "generation": 8, "portal": "https://portal.prancer.io/", "email": "user@example.com",
            "tokens": null}"#;
        let expected = StoredSession {
            identity: identity(),
            ..logged_out(0, u64::MAX)
        };
        assert_eq!(StoredSession::from_json(second), Ok(expected));
    }

    #[test]
    fn a_session_has_either_tokens_or_a_logout_whatever_is_written() {
        let both =
            r#""access_token": "a", "refresh_token": "r", "issued_at_ms": 1, "lifetime_ms": 2"#;
        let both = format!(
            r#"{{"version": 3, "generation": 1, "portal": "p", "tokens": {{{both}}}, "logout": {{"at_ms": 1, "until_ms": 2}}}}"#
        );
        let read = StoredSession::from_json(both.as_bytes()).unwrap();
        assert!(read.tokens.is_some() && read.logout.is_none());
        let neither = br#"{"version": 3, "generation": 1, "portal": "p"}"#;
        let read = StoredSession::from_json(neither).unwrap();
        assert!(read.tokens.is_none() && read.logout.is_some());
    }

    #[test]
    fn what_is_cut_anywhere_is_invalid_and_no_error_shows_any_of_it() {
        let whole = session().to_json();
        for length in 0..whole.trim_ascii_end().len() {
            let invalid = StoredSession::from_json(&whole[..length]).unwrap_err();
            assert!(
                matches!(invalid, InvalidFormat::Damaged { .. }),
                "{length}: {invalid}"
            );
            assert!(!format!("{invalid} {invalid:?}").contains("canary"));
        }
    }

    #[test]
    fn a_generation_that_could_not_be_overtaken_is_damage() {
        let json = session().with_generation(u64::MAX).to_json();
        let invalid = StoredSession::from_json(&json).unwrap_err();
        assert!(
            matches!(invalid, InvalidFormat::Damaged { line: 3, .. }),
            "{invalid}"
        );
    }

    #[test]
    fn a_newer_format_is_named_in_the_error() {
        let newer = br#"{"version": 4, "something": "else"}"#;
        let invalid = StoredSession::from_json(newer);
        assert_eq!(invalid, Err(InvalidFormat::Version(4)));
    }
}
