//! The envelope that every answer of the portal comes in, read leniently.

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::rejection::Rejection;

/// An answer of the portal: `data`, and messages about it.
///
/// Every member may be absent or `null`. Unknown members are ignored.
///
/// ```
/// use prancer_auth::Envelope;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct User {
///     email: String,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let body = r#"{"data": {"email": "user@example.com"}, "error_list": [], "status": 200}"#;
/// let envelope: Envelope<User> = serde_json::from_str(body)?;
/// assert_eq!(envelope.data.map(|user| user.email).as_deref(), Some("user@example.com"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
#[non_exhaustive]
pub struct Envelope<T = Value> {
    /// What was asked for.
    pub data: Option<T>,
    /// What kind of failure it is; empty on success, and on some failures.
    #[serde(default, deserialize_with = "text")]
    pub error: String,
    /// More about a failure.
    #[serde(default, deserialize_with = "list")]
    pub error_list: Vec<Value>,
    /// A sentence for a person; some answers call it `msg`.
    #[serde(default, alias = "msg", deserialize_with = "text")]
    pub message: String,
    /// What the portal adds, such as the paging of a list.
    #[serde(default, deserialize_with = "lenient")]
    pub metadata: Map<String, Value>,
    /// The status that the envelope repeats. It may report a failure even when the HTTP status reports success.
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<u16>,
}

impl<T> Envelope<T> {
    /// Whether [`Self::status`] is 400 or higher; false when it is absent.
    pub fn is_failure(&self) -> bool {
        self.status.is_some_and(|status| status >= 400)
    }
}

impl Envelope {
    /// What the envelope says about a failure that came with this HTTP status, without the secret that was sent.
    pub(crate) fn rejection(self, http_status: StatusCode, sent: &str) -> Rejection {
        // A success of HTTP that carries a failure is what the envelope says it is.
        let is_hidden = http_status.is_success() && self.is_failure();
        let status = self.status.filter(|_| is_hidden);
        let status = status.and_then(|it| StatusCode::from_u16(it).ok());
        let mut rejection = Rejection {
            status: status.unwrap_or(http_status),
            error: self.error,
            message: self.message,
            error_list: self.error_list,
        };
        // Some failures have a text in place of an object.
        if let (false, Some(Value::String(text))) = (rejection.says_something(), self.data) {
            rejection.message = text;
        }
        rejection.without_secret(sent)
    }
}

fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => String::new(),
        Value::String(text) => text,
        other => other.to_string(),
    })
}

fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Value>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Null => Vec::new(),
        Value::Array(items) => items,
        other => vec![other],
    })
}

/// What has another type than it should have counts as absent.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_member_may_be_absent_null_or_of_another_type() {
        for body in [
            "{}",
            r#"{"data": null, "error": null, "error_list": null, "message": null, "metadata": null, "status": null}"#,
            r#"{"metadata": [], "status": "200", "unknown": 1}"#,
        ] {
            let envelope: Envelope = serde_json::from_str(body).unwrap();
            assert!(envelope.data.is_none() && !envelope.is_failure(), "{body}");
        }
        let envelope: Envelope =
            serde_json::from_str(r#"{"data": "text", "error": {"a": 1}, "error_list": "b"}"#)
                .unwrap();
        assert_eq!(envelope.data, Some(Value::from("text")));
        assert_eq!(envelope.error, r#"{"a":1}"#);
        assert_eq!(envelope.error_list, [Value::from("b")]);
    }

    #[test]
    fn a_failure_in_the_envelope_of_a_success_is_what_the_envelope_says() {
        for (http, status, is_failure, says) in [
            (200, 400, true, 400),
            (200, 401, true, 401),
            (200, 399, false, 200),
            (404, 401, true, 404),
            (502, 200, false, 502),
            (401, 503, true, 401),
        ] {
            let body = format!(r#"{{"status": {status}, "metadata": {{"a": 1}}}}"#);
            let envelope: Envelope = serde_json::from_str(&body).unwrap();
            assert_eq!(envelope.is_failure(), is_failure, "{body}");
            assert_eq!(envelope.metadata["a"], 1);
            let rejection = envelope.rejection(StatusCode::from_u16(http).unwrap(), "");
            assert_eq!(rejection.status.as_u16(), says, "{http} {body}");
        }
    }

    #[test]
    fn an_absurd_status_is_no_status() {
        for status in ["-1", "1e99", "99999999", "9223372036854775807", "true"] {
            let body = format!(r#"{{"status": {status}}}"#);
            let envelope: Envelope = serde_json::from_str(&body).unwrap();
            assert_eq!(envelope.status, None, "{status}");
        }
    }
}
