//! The written form of a session that is kept, in JSON. Every version that was ever written is read; the newest is written.

use prancer_auth_client::{AccessToken, RefreshToken};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::stored::{StoredSession, StoredTokens};

/// Why a session cannot be read. No text of it holds a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFormat {
    /// It is cut short, or no session.
    #[error("damaged at line {line}, column {column}")]
    Damaged {
        /// Where reading ended, from 1 on.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// A newer version of this program wrote it.
    #[error("format {0} is not known to this version; use a newer one")]
    Version(u32),
    /// It is sealed, and the key that was given, if any, does not open it.
    #[error("it is sealed with another key")]
    Sealed,
}

#[derive(Deserialize)]
struct Format {
    version: u32,
}

/// What versions up to 0.1 wrote: there were always tokens, and no generation.
#[derive(Deserialize)]
struct Version1 {
    portal: String,
    email: Option<String>,
    access_token: AccessToken,
    refresh_token: RefreshToken,
    issued_at_ms: u64,
    lifetime_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct Version2 {
    version: u32,
    generation: u64,
    portal: String,
    email: Option<String>,
    tokens: Option<Tokens>,
}

#[derive(Serialize, Deserialize)]
struct Tokens {
    access_token: AccessToken,
    refresh_token: RefreshToken,
    issued_at_ms: u64,
    lifetime_ms: u64,
}

impl StoredSession {
    /// The format that this version writes.
    pub const VERSION: u32 = 2;

    /// The session in JSON, tokens included; the memory is wiped when it is dropped.
    pub fn to_json(&self) -> Zeroizing<Vec<u8>> {
        let tokens = self.tokens.clone().map(|tokens| Tokens {
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            issued_at_ms: tokens.issued_at_ms,
            lifetime_ms: tokens.lifetime_ms,
        });
        let written = Version2 {
            version: Self::VERSION,
            generation: self.generation,
            portal: self.portal.clone(),
            email: self.email.clone(),
            tokens,
        };
        // Room for all of it, since what grows leaves copies behind.
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
        match parse::<Version2>(json) {
            // The newest format, which nearly all have, takes one pass.
            Ok(it) if it.version == Self::VERSION => Ok(Self {
                generation: it.generation,
                portal: it.portal,
                email: it.email,
                tokens: it.tokens.map(|tokens| StoredTokens {
                    access_token: tokens.access_token,
                    refresh_token: tokens.refresh_token,
                    issued_at_ms: tokens.issued_at_ms,
                    lifetime_ms: tokens.lifetime_ms,
                }),
            }),
            newest => match parse::<Format>(json)?.version {
                1 => Ok(parse::<Version1>(json)?.into()),
                Self::VERSION => Err(newest
                    .err()
                    .unwrap_or(InvalidFormat::Version(Self::VERSION))),
                version => Err(InvalidFormat::Version(version)),
            },
        }
    }
}

fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Result<T, InvalidFormat> {
    serde_json::from_slice(json).map_err(|error| InvalidFormat::Damaged {
        line: error.line(),
        column: error.column(),
    })
}

impl From<Version1> for StoredSession {
    fn from(it: Version1) -> Self {
        Self {
            generation: 1,
            portal: it.portal,
            email: it.email,
            tokens: Some(StoredTokens {
                access_token: it.access_token,
                refresh_token: it.refresh_token,
                issued_at_ms: it.issued_at_ms,
                lifetime_ms: it.lifetime_ms,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session() -> StoredSession {
        StoredSession {
            generation: 7,
            portal: "https://portal.prancer.io/".to_owned(),
            email: Some("user@example.com".to_owned()),
            tokens: Some(StoredTokens {
                access_token: AccessToken::from("canary-access"),
                refresh_token: RefreshToken::from("canary-refresh"),
                issued_at_ms: 1,
                lifetime_ms: 2,
            }),
        }
    }

    #[test]
    fn what_is_written_is_read_with_tokens_and_without() {
        let logged_out = StoredSession {
            tokens: None,
            ..session()
        };
        for session in [session(), logged_out] {
            assert_eq!(StoredSession::from_json(&session.to_json()), Ok(session));
        }
    }

    #[test]
    fn the_first_format_is_still_read() {
        let first = br#"{"version": 1, "portal": "https://portal.prancer.io/", "email": "user@example.com",
            "access_token": "canary-access", "refresh_token": "canary-refresh", "issued_at_ms": 1, "lifetime_ms": 2}"#;
        let read = StoredSession::from_json(first);
        assert_eq!(read, Ok(session().with_generation(1)));
    }

    #[test]
    fn what_is_cut_anywhere_is_refused_without_a_word_of_it() {
        let whole = session().to_json();
        for length in 0..whole.trim_ascii_end().len() {
            let refused = StoredSession::from_json(&whole[..length]).unwrap_err();
            assert!(
                matches!(refused, InvalidFormat::Damaged { .. }),
                "{length}: {refused}"
            );
            assert!(!format!("{refused} {refused:?}").contains("canary"));
        }
    }

    #[test]
    fn a_newer_format_is_refused_as_such() {
        let newer = br#"{"version": 3, "something": "else"}"#;
        let refused = StoredSession::from_json(newer);
        assert_eq!(refused, Err(InvalidFormat::Version(3)));
    }
}
