//! Sealing of a session that is stored where others may read it.

use std::fmt;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use chacha20poly1305::aead::{Aead as _, Generate as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::store::error::StoreError;
use crate::store::format::InvalidFormat;

/// The first bytes of everything that is sealed; JSON never begins like this.
const MARK: &[u8] = b"sealed1:";
/// How long a nonce is.
const NONCE: usize = 24;

/// A key of 32 bytes that encrypts ("seals") a session (XChaCha20-Poly1305). A session that is copied to another name
/// in the store does not open.
///
/// ```
/// use prancer_auth::store::SealingKey;
///
/// // From `openssl rand -base64 32`; it is a secret.
/// let key = SealingKey::from_base64("MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=");
/// assert!(key.is_ok());
/// ```
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

/// A sealing key that cannot be used. It does not show what was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sealing key is 32 bytes in base64, as `openssl rand -base64 32` prints them")]
pub struct InvalidSealingKey;

impl SealingKey {
    /// A key of these bytes. They must be random.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key of 32 bytes in base64.
    ///
    /// # Errors
    ///
    /// [`InvalidSealingKey`] when that is something else.
    pub fn from_base64(text: &str) -> Result<Self, InvalidSealingKey> {
        let bytes = BASE64_STANDARD.decode(text.trim()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| InvalidSealingKey)?;
        let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| InvalidSealingKey)?;
        Ok(Self::new(bytes))
    }

    pub(super) fn is_sealed(stored: &[u8]) -> bool {
        stored.starts_with(MARK)
    }

    pub(super) fn seal(&self, open: &[u8], name: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce = XNonce::generate();
        let payload = Payload {
            msg: open,
            aad: name,
        };
        let sealed = self.cipher().encrypt(&nonce, payload);
        let sealed =
            sealed.map_err(|_| StoreError::unavailable("seal the session", "it is too long"))?;
        Ok([MARK, nonce.as_slice(), &sealed].concat())
    }

    pub(super) fn open(
        &self,
        stored: &[u8],
        name: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, InvalidFormat> {
        let rest = stored.strip_prefix(MARK).ok_or(InvalidFormat::Sealed)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or(InvalidFormat::Sealed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| InvalidFormat::Sealed)?;
        let payload = Payload {
            msg: sealed,
            aad: name,
        };
        let open = self.cipher().decrypt(&nonce, payload);
        open.map(Zeroizing::new).map_err(|_| InvalidFormat::Sealed)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.0))
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_under_the_same_name_alone() {
        let (key, other) = (SealingKey::new([1; 32]), SealingKey::new([2; 32]));
        assert_eq!(format!("{key:?}"), "SealingKey(..)");
        assert!(!SealingKey::is_sealed(b"{}"));
        let sealed = key.seal(b"canary", b"here").unwrap();
        assert!(SealingKey::is_sealed(&sealed) && !sealed.windows(6).any(|it| it == b"canary"));
        assert_eq!(**key.open(&sealed, b"here").unwrap(), *b"canary");
        assert_eq!(other.open(&sealed, b"here"), Err(InvalidFormat::Sealed));
        assert_eq!(key.open(&sealed, b"there"), Err(InvalidFormat::Sealed));
        for length in 0..sealed.len() {
            assert_eq!(
                key.open(&sealed[..length], b"here"),
                Err(InvalidFormat::Sealed)
            );
        }
    }

    #[test]
    fn an_invalid_key_is_an_error_that_does_not_show_it() {
        for text in ["", "canary", "Y2FuYXJ5"] {
            let invalid = SealingKey::from_base64(text).unwrap_err();
            assert!(!format!("{invalid} {invalid:?}").contains("canary"));
        }
    }
}
