//! What the portal said when it did not do what was asked.

use std::fmt;

use http::StatusCode;
use serde_json::Value;

use super::plain_text::plain_text;

/// The longest text of the portal that is shown, in characters.
const TEXT_LIMIT: usize = 500;
/// The most entries of an error list that are shown.
const LIST_LIMIT: usize = 20;
/// How every JSON Web Token starts: `{"` in base64.
const TOKEN_START: &str = "eyJ";

/// What the portal said about a failure. It holds no token, no body, and no characters that control a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The HTTP status, or the status in the envelope if only the envelope reports the failure.
    pub status: StatusCode,
    /// What kind of failure it is, may be empty.
    pub error: String,
    /// A sentence for a person, may be empty.
    pub message: String,
    /// More about the failure, mostly empty.
    pub error_list: Vec<Value>,
}

impl Rejection {
    /// A rejection that says nothing, but by its status.
    pub(crate) fn bare(status: StatusCode) -> Self {
        Self {
            status,
            error: String::new(),
            message: String::new(),
            error_list: Vec::new(),
        }
    }

    /// What another session was told, as it noted it in the store.
    pub(crate) fn noted(status: u16, message: String) -> Self {
        Self {
            message: plain_text(&message),
            ..Self::bare(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST))
        }
    }

    /// What the portal said, in one line without the status.
    pub(crate) fn text(&self) -> String {
        let mut said = vec![self.error.clone(), self.message.clone()];
        said.extend(self.error_list.iter().map(plain));
        said.retain(|text| !text.trim().is_empty());
        said.join(": ")
    }

    /// The same without secrets, the one that was sent and those that look like one, without endless texts, and on one line.
    pub(crate) fn without_secret(self, sent: &str) -> Self {
        let list = self.error_list.iter().take(LIST_LIMIT);
        let list = list.map(|item| Value::String(clean(&plain(item), sent)));
        Self {
            status: self.status,
            error: clean(&self.error, sent),
            message: clean(&self.message, sent),
            error_list: list.collect(),
        }
    }

    /// Whether there is any word besides the status.
    pub(crate) fn says_something(&self) -> bool {
        !self.error.is_empty() || !self.message.is_empty() || !self.error_list.is_empty()
    }
}

/// An entry of an error list as text.
fn plain(item: &Value) -> String {
    item.as_str()
        .map_or_else(|| item.to_string(), str::to_owned)
}

fn clean(text: &str, sent: &str) -> String {
    let mut text = text.to_owned();
    if !sent.is_empty() {
        // As it is, and as it stands in JSON.
        let escaped = Value::from(sent).to_string();
        text = text.replace(&escaped[1..escaped.len() - 1], "(..)");
        text = text.replace(sent, "(..)");
    }
    let in_token = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let mut parts = text.split(TOKEN_START);
    let mut cleaned = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        // The parts of one token may begin so, too.
        if !cleaned.ends_with("(..)") {
            cleaned += "(..)";
        }
        cleaned += part.trim_start_matches(in_token);
    }
    match cleaned.char_indices().nth(TEXT_LIMIT) {
        Some((end, _)) => plain_text(&cleaned[..end]) + "...",
        None => plain_text(&cleaned),
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (text, status) = (self.text(), self.status.as_u16());
        if text.is_empty() {
            write!(f, "HTTP status {status}")
        } else {
            write!(f, "{text} (HTTP status {status})")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_session_noted_is_said_in_one_line() {
        let noted = Rejection::noted(422, "no\nmore".to_owned());
        assert_eq!((noted.status.as_u16(), &*noted.text()), (422, r"no\nmore"));
        assert_eq!(Rejection::noted(1, String::new()).status.as_u16(), 400);
    }

    #[test]
    fn what_was_sent_and_what_looks_like_a_token_is_taken_out() {
        let rejection = Rejection {
            error: "bad password hunter2!".to_owned(),
            message: "token eyJhbGciOi.eyJpYXQ.x-_y, and more".to_owned(),
            error_list: vec![
                Value::from("hunter2!"),
                serde_json::json!({"t": "eyJ9.a.b"}),
            ],
            ..Rejection::bare(StatusCode::BAD_REQUEST)
        };
        let text = rejection.without_secret("hunter2!").to_string();
        assert_eq!(
            text,
            r#"bad password (..): token (..), and more: (..): {"t":"(..)"} (HTTP status 400)"#
        );
    }

    #[test]
    fn a_secret_that_json_escapes_is_taken_out_too() {
        let rejection = Rejection {
            error_list: vec![serde_json::json!({"input": "p\"w"})],
            ..Rejection::bare(StatusCode::BAD_REQUEST)
        };
        let text = rejection.without_secret("p\"w").to_string();
        assert_eq!(text, r#"{"input":"(..)"} (HTTP status 400)"#);
    }

    #[test]
    fn an_endless_text_is_cut() {
        let rejection = Rejection {
            message: "ä".repeat(100_000),
            ..Rejection::bare(StatusCode::BAD_REQUEST)
        };
        let message = rejection.without_secret("").message;
        assert_eq!(message.chars().count(), TEXT_LIMIT + 3);
    }

    #[test]
    fn a_rejection_that_says_nothing_tells_its_status() {
        let text = Rejection::bare(StatusCode::BAD_GATEWAY).to_string();
        assert_eq!(text, "HTTP status 502");
    }
}
