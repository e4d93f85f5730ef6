//! What a call proves itself with, and what is noted of its answer.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use http::{HeaderValue, StatusCode};

use crate::{AccessToken, InvalidToken, RefreshToken};

/// What the calls of a [`Client`](crate::Client) prove themselves with: nothing, an access token, or a refresh token.
///
/// Login takes none, refresh takes the refresh token, logout takes the access token. A client is cheap to make, so make
/// one for each credential, over one shared [`reqwest::Client`].
///
/// ```
/// use prancer_auth_client::{AccessToken, Client, Credential, http_client};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let http = http_client(reqwest::Client::builder())?;
/// let credential = Credential::access_token(&AccessToken::from("header.payload.signature"))?;
/// let client = Client::new_with_client("https://portal.prancer.io", http, credential);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Credential {
    pub(crate) authorization: Option<HeaderValue>,
    pub(crate) user_agent: HeaderValue,
    /// The status of the newest answer, 0 before the first.
    status: Arc<AtomicU16>,
}

impl Credential {
    /// The user agent that is sent where no other is given: `prancer-auth/<version>`.
    pub const USER_AGENT: &str = concat!("prancer-auth/", env!("CARGO_PKG_VERSION"));

    /// No credential: for login.
    pub fn none() -> Self {
        Self {
            authorization: None,
            user_agent: HeaderValue::from_static(Self::USER_AGENT),
            status: Arc::default(),
        }
    }

    /// The access token: for logout, and for every other secure API.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] when no header can carry the token.
    pub fn access_token(token: &AccessToken) -> Result<Self, InvalidToken> {
        let authorization = Some(token.bearer()?);
        Ok(Self {
            authorization,
            ..Self::none()
        })
    }

    /// The refresh token: for refresh, which takes no other.
    ///
    /// # Errors
    ///
    /// [`InvalidToken`] when no header can carry the token.
    pub fn refresh_token(token: &RefreshToken) -> Result<Self, InvalidToken> {
        let authorization = Some(token.bearer()?);
        Ok(Self {
            authorization,
            ..Self::none()
        })
    }

    /// The same credential, sent with another user agent than [`Self::USER_AGENT`].
    pub fn with_user_agent(self, user_agent: HeaderValue) -> Self {
        Self { user_agent, ..self }
    }

    /// The HTTP status of the newest answer, if there was one.
    ///
    /// [`Error::status`](crate::Error::status) knows none when the body was not the documented one; this does.
    pub fn status(&self) -> Option<StatusCode> {
        StatusCode::from_u16(self.status.load(Ordering::Acquire)).ok()
    }

    pub(crate) fn note(&self, status: StatusCode) {
        self.status.store(status.as_u16(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;
    use crate::{Client, Password, http_client, types};

    /// Every public type that holds a secret, with one that is searched for.
    #[test]
    fn no_type_of_this_crate_shows_a_secret() {
        let (access, refresh) = (AccessToken::from("canary"), RefreshToken::from("canary"));
        let pair = types::TokenPair::new(refresh.clone(), access.clone());
        let credentials = types::Credentials::new(
            "user@example.com".to_owned(),
            Password::from("canary"),
            "customer1".to_owned(),
        );
        // Read, not made: a new member of an answer is no change here.
        let envelope = serde_json::json!({
            "data": pair, "error": "", "message": "", "metadata": {}, "status": 200,
        });
        let envelope: types::TokenEnvelope = serde_json::from_value(envelope).unwrap();
        let credential = Credential::access_token(&access).unwrap();
        let http = http_client(reqwest::Client::builder()).unwrap();
        let client = Client::new_with_client("http://localhost", http, credential.clone());
        let headers = (access.bearer(), refresh.bearer());
        let renews = Credential::refresh_token(&refresh);
        let invalid = AccessToken::from("canary\n").bearer().unwrap_err();
        let all: [&dyn Debug; 8] = [
            &pair,
            &credentials,
            &envelope,
            &credential,
            &client,
            &headers,
            &renews,
            &(invalid, invalid.to_string()),
        ];
        for shown in all {
            let shown = format!("{shown:?} {shown:#?}");
            assert!(!shown.contains("canary"), "{shown}");
            // Nor as the numbers of its bytes.
            assert!(!shown.contains("99, 97, 110"), "{shown}");
        }
    }

    #[tokio::test]
    async fn a_call_sends_what_its_credential_says_follows_no_redirect_and_notes_the_status() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut connection, mut heard) = (listener.accept().unwrap().0, Vec::new());
            while !heard.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                connection.read_exact(&mut byte).unwrap();
                heard.push(byte[0]);
            }
            let answer = b"HTTP/1.1 307 Elsewhere\r\nlocation: /\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(answer).unwrap();
            String::from_utf8(heard).unwrap().to_lowercase()
        });
        let credential = Credential::refresh_token(&RefreshToken::from("renews")).unwrap();
        let credential = credential.with_user_agent(HeaderValue::from_static("somebody/1"));
        let http = http_client(reqwest::Client::builder().no_proxy()).unwrap();
        let client = Client::new_with_client(&url, http, credential.clone());
        assert_eq!(credential.status(), None);
        assert!(client.refresh().await.is_err());
        assert_eq!(credential.status(), Some(StatusCode::TEMPORARY_REDIRECT));
        let heard = server.join().unwrap();
        assert!(
            heard.contains("authorization: bearer renews\r\n"),
            "{heard}"
        );
        assert!(heard.contains("user-agent: somebody/1\r\n"), "{heard}");
        assert!(!heard.contains("api-version"), "{heard}");
    }
}
