//! The secrets of the document, as types that do not print.

use std::fmt;
use std::sync::Arc;

use http::HeaderValue;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// Declares a secret: text that has no `Display`, whose `Debug` hides it, and that is wiped when it is dropped.
macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// It has no `Display`, its `Debug` does not show it, and its memory is wiped when the last of its clones, which share
        /// it, is dropped.
        #[derive(Clone, PartialEq, Eq, JsonSchema)]
        #[schemars(transparent)]
        pub struct $name(#[schemars(with = "String")] Arc<Zeroizing<String>>);

        impl $name {
            /// The secret itself. Do not print or log it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(secret: String) -> Self {
                Self(Arc::new(Zeroizing::new(secret)))
            }
        }

        impl From<&str> for $name {
            fn from(secret: &str) -> Self {
                Self::from(secret.to_owned())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.expose())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }

        // The last one wipes what it holds, which is the whole of it.
        impl ZeroizeOnDrop for $name {}
    };
}

secret! {
    /// The password of a user: schema `Password` of the document.
    Password
}
secret! {
    /// The token that every secure API takes: schema `AccessToken` of the document.
    AccessToken
}
secret! {
    /// The token that renews the access token: schema `RefreshToken` of the document.
    RefreshToken
}

impl AccessToken {
    /// The value of an `Authorization` header, marked sensitive.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] when the token holds what no header can carry, such as a line break.
    pub fn bearer(&self) -> Result<HeaderValue, InvalidToken> {
        bearer(self.expose())
    }
}

impl RefreshToken {
    /// The value of an `Authorization` header, marked sensitive.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] when the token holds what no header can carry, such as a line break.
    pub fn bearer(&self) -> Result<HeaderValue, InvalidToken> {
        bearer(self.expose())
    }
}

fn bearer(token: &str) -> Result<HeaderValue, InvalidToken> {
    // RFC 6750 has no room for white space, and what is not ASCII no server reads alike.
    if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(InvalidToken);
    }
    let value = Zeroizing::new(format!("Bearer {token}"));
    let mut value = HeaderValue::from_str(&value).map_err(|_| InvalidToken)?;
    value.set_sensitive(true);
    Ok(value)
}

/// A token that is empty or holds what no `Authorization` header can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidToken;

impl fmt::Display for InvalidToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is empty or holds characters that no header can carry")
    }
}

impl std::error::Error for InvalidToken {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bearer_header_is_sensitive_and_hides_the_token() {
        let header = AccessToken::from("canary").bearer().unwrap();
        assert_eq!(header.as_bytes(), b"Bearer canary");
        assert!(header.is_sensitive());
        assert!(!format!("{header:?}").contains("canary"));
    }

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
        assert!(
            InvalidToken
                .to_string()
                .starts_with("the token is empty or")
        );
        for token in ["", "a b", "a\nb", "a\r\nx-evil: 1", "tök"] {
            assert_eq!(
                AccessToken::from(token).bearer(),
                Err(InvalidToken),
                "{token:?}"
            );
            assert_eq!(
                RefreshToken::from(token).bearer(),
                Err(InvalidToken),
                "{token:?}"
            );
        }
    }

    #[test]
    fn secrets_cross_serde_both_ways_as_plain_strings() {
        let token: RefreshToken = serde_json::from_str("\"canary\"").unwrap();
        assert_eq!(token.expose(), "canary");
        assert_eq!(serde_json::to_string(&token).unwrap(), "\"canary\"");
    }

    #[test]
    fn debug_hides_every_secret() {
        let shown = format!(
            "{:?} {:?} {:?}",
            Password::from("canary"),
            AccessToken::from("canary"),
            RefreshToken::from("canary"),
        );
        assert_eq!(shown, "Password(..) AccessToken(..) RefreshToken(..)");
    }

    /// Reads the freed memory through the kernel, since safe code cannot.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_dropped_secret_is_wiped_from_memory() {
        use std::fs::File;
        use std::os::unix::fs::FileExt as _;

        // Long, so that the allocator's own marks, at the start of a freed block, leave most of it as it was.
        fn after_drop<T>(text: T, expose: impl Fn(&T) -> &str) -> Vec<u8> {
            let (address, length) = (expose(&text).as_ptr() as u64, expose(&text).len());
            let mut memory = vec![0; length];
            let process = File::open("/proc/self/mem").unwrap();
            drop(text);
            process.read_exact_at(&mut memory, address).unwrap();
            memory
        }
        let canary = "canary.".repeat(100);
        let has_canary = |memory: &[u8]| memory.windows(14).any(|it| it == b"canary.canary.");

        assert!(has_canary(&after_drop(canary.clone(), |text| text)));
        assert!(!has_canary(&after_drop(
            AccessToken::from(canary.as_str()),
            AccessToken::expose
        )));
    }
}
