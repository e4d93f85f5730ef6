//! What came back from the portal: tokens, an envelope, or why there is none. Read leniently, shown without secrets.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};
use prancer_auth_client::types::{EmptyEnvelope, ErrorEnvelope, TokenEnvelope};
use prancer_auth_client::{AccessToken, Error as ClientError, RefreshToken, ResponseValue};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::envelope::Envelope;
use super::rejection::Rejection;
use super::transient_error::{Failure, TransientError};

/// The largest body that is searched for the portal's words.
pub(crate) const REJECTION_LIMIT: usize = 1 << 20;

/// What came back from one of the three calls.
pub(crate) type Response = Envelope<Data>;

/// What `data` may hold.
#[derive(Debug, Default)]
pub(crate) struct Data {
    pub(crate) token: Option<AccessToken>,
    pub(crate) refresh_token: Option<RefreshToken>,
    /// Some failures have a text in place of an object.
    text: Option<String>,
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let text = |value: &Value| {
            value
                .as_str()
                .filter(|it| !it.is_empty())
                .map(str::to_owned)
        };
        Ok(Self {
            token: text(&value["token"]).map(AccessToken::from),
            refresh_token: text(&value["refresh_token"]).map(RefreshToken::from),
            text: text(&value),
        })
    }
}

/// What the document says that a call answers.
pub(crate) trait Documented {
    fn response(self) -> Response;
}

impl Documented for TokenEnvelope {
    fn response(self) -> Response {
        // An empty token is none.
        let data = Data {
            token: Some(self.data.token).filter(|it| !it.expose().is_empty()),
            refresh_token: Some(self.data.refresh_token).filter(|it| !it.expose().is_empty()),
            text: None,
        };
        let list = Vec::new();
        of_parts(Some(data), self.error, list, self.message, self.status)
    }
}

impl Documented for EmptyEnvelope {
    fn response(self) -> Response {
        of_parts(None, self.error, Vec::new(), self.message, self.status)
    }
}

impl Documented for ErrorEnvelope {
    fn response(self) -> Response {
        of_parts(None, self.error, self.error_list, self.message, self.status)
    }
}

fn of_parts(
    data: Option<Data>,
    error: String,
    error_list: Vec<Value>,
    message: String,
    status: impl TryInto<u16>,
) -> Response {
    Response {
        data,
        error,
        error_list,
        message,
        metadata: Map::new(),
        status: status.try_into().ok(),
    }
}

/// What the generated client returns.
pub(crate) type CallResult<T> = Result<ResponseValue<T>, ClientError<ErrorEnvelope>>;

/// What a call brought, if it is a success.
///
/// `status` is that of the HTTP answer, which the client's error does not always tell; `sent` is the secret that the
/// request held.
pub(crate) async fn read<T: Documented>(
    (result, status): (CallResult<T>, Option<StatusCode>),
    sent: &str,
) -> Result<Response, Failure> {
    let (status, retry_after, read, body) = match result {
        Ok(value) => {
            let (status, retry_after) = (value.status(), retry_after(value.headers()));
            let read = value.into_inner().response();
            (status, retry_after, Some(read), None)
        }
        Err(ClientError::ErrorResponse(value)) => {
            let (status, retry_after) = (value.status(), retry_after(value.headers()));
            let read = value.into_inner().response();
            (status, retry_after, Some(read), None)
        }
        Err(ClientError::UnexpectedResponse(response)) => {
            let (status, retry_after) = (response.status(), retry_after(response.headers()));
            let body = response.bytes().await?;
            (status, retry_after, envelope(&body), Some(body))
        }
        Err(ClientError::InvalidResponsePayload(body, _)) => {
            let status = status.unwrap_or_default();
            (status, None, envelope(&body), Some(body))
        }
        Err(
            ClientError::CommunicationError(error)
            | ClientError::ResponseBodyError(error)
            | ClientError::InvalidUpgrade(error),
        ) => return Err(error.into()),
        // Neither the generated code nor the hooks make these; their texts could hold anything.
        Err(ClientError::InvalidRequest(_) | ClientError::Custom(_)) => {
            return Err(Failure::unreadable(Rejection::bare(
                status.unwrap_or_default(),
            )));
        }
    };
    let is_portals = is_portals(read.as_ref(), body.as_deref().unwrap_or_default());
    success(read, is_portals, status, retry_after, sent)
}

/// Whether the portal itself says so, in its envelope or in the short form of its library. A page of HTML, nothing at all and JSON of
/// another form are answers of something in front of it.
fn is_portals(read: Option<&Response>, body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct ShortForm {
        msg: String,
    }
    let is_short = || serde_json::from_slice(body).is_ok_and(|it: ShortForm| !it.msg.is_empty());
    read.is_some_and(|it| it.status.is_some() || is_short())
}

/// Why a success holds no tokens.
pub(crate) fn no_tokens(response: Response, sent: &str) -> Failure {
    let text = response.data.as_ref().and_then(|data| data.text.clone());
    let mut rejection = response.rejection(StatusCode::OK);
    if let Some(text) = text {
        rejection.message = text;
    }
    let rejection = rejection.without_secret(sent);
    if rejection.says_something() {
        Failure::Rejected(rejection)
    } else {
        Failure::unreadable(rejection)
    }
}

/// The envelope in a body; what is not a JSON object is none.
fn envelope<T: DeserializeOwned>(body: &[u8]) -> Option<Envelope<T>> {
    // Serde would fill the struct from an array by position.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(body).ok())?
}

/// The envelope of an API, if it is a success.
pub(crate) fn envelope_of<T: DeserializeOwned>(
    body: &[u8],
    status: StatusCode,
    sent: &str,
) -> Result<Envelope<T>, Rejection> {
    // First with any data: a failure often has other data than a success.
    match envelope::<IgnoredAny>(body) {
        Some(any) if status.is_success() && !any.is_failure() => {
            envelope(body).ok_or_else(|| Rejection::bare(status))
        }
        _ => Err(rejection(body, status, sent)),
    }
}

/// What an API said that did not do what was asked.
pub(crate) fn rejection(body: &[u8], status: StatusCode, sent: &str) -> Rejection {
    let short = Some(body).filter(|it| it.len() <= REJECTION_LIMIT);
    let Some(any) = short.and_then(envelope::<Value>) else {
        return Rejection::bare(status);
    };
    let text = any.data.as_ref().and_then(Value::as_str).map(str::to_owned);
    let mut rejection = any.rejection(status);
    if !rejection.says_something() {
        rejection.message = text.unwrap_or_default();
    }
    rejection.without_secret(sent)
}

fn success(
    response: Option<Response>,
    is_portals: bool,
    http_status: StatusCode,
    retry_after: Option<Duration>,
    sent: &str,
) -> Result<Response, Failure> {
    let is_envelope = response.as_ref().is_some_and(|it| it.status.is_some());
    let rejection = match response {
        Some(response) if http_status.is_success() && !response.is_failure() => {
            return Ok(response);
        }
        Some(response) => response.rejection(http_status),
        None => Rejection::bare(http_status),
    };
    let rejection = rejection.without_secret(sent);
    Err(match rejection.status.as_u16() {
        429 | 500.. => Failure::Transient(TransientError::Unavailable {
            rejection,
            retry_after,
        }),
        401 | 422 if is_portals => Failure::Rejected(rejection),
        // Anything in front of the portal may say this too; the portal says it in its envelope.
        400 | 403 if is_envelope && rejection.says_something() => Failure::Rejected(rejection),
        // Whatever it is, it asks for patience.
        _ if retry_after.is_some() => Failure::Transient(TransientError::Unavailable {
            rejection,
            retry_after,
        }),
        _ => Failure::unreadable(rejection),
    })
}

/// `Retry-After`, in seconds or as a date, which is taken by the portal's own clock where it tells it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let value = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let now = text(header::DATE).and_then(|it| httpdate::parse_http_date(it).ok());
    let now = now.unwrap_or_else(SystemTime::now);
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: &str, date: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        headers
    }

    #[test]
    fn patience_is_asked_for_in_seconds_or_until_a_date() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        let seconds = |value: &str, date| retry_after(&headers(value, date)).map(|it| it.as_secs());
        assert_eq!(seconds("17", None), Some(17));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:37 GMT", date), Some(60));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT", date), Some(0));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:50:37 GMT", None), Some(0));
    }

    /// What an answer comes to: with this status, of a portal or of anybody, with an envelope that says something or without one.
    fn outcome(status: u16, is_portals: bool, body: &str, patience: Option<u64>) -> &'static str {
        let response = serde_json::from_str::<Response>(body).ok();
        let patience = patience.map(Duration::from_secs);
        let status = StatusCode::from_u16(status).unwrap();
        match success(response, is_portals, status, patience, "") {
            Ok(_) => "success",
            Err(Failure::Rejected(_)) => "rejected",
            Err(Failure::Transient(TransientError::Unavailable { retry_after, .. })) => {
                assert_eq!(retry_after, patience);
                "unavailable"
            }
            Err(Failure::Transient(TransientError::Unreadable(_))) => "unreadable",
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_the_portal_rejects_and_whoever_asks_for_patience_gets_it() {
        const NOTHING: &str = "";
        const BARE: &str = r#"{"status": 403}"#;
        const SAYS: &str = r#"{"status": 403, "error": "no"}"#;
        for (status, is_portals, body, patience, expected) in [
            (200, true, r#"{"status": 200}"#, None, "success"),
            (200, true, NOTHING, None, "unreadable"),
            (404, true, r#"{"status": 200}"#, None, "unreadable"),
            (401, true, NOTHING, None, "rejected"),
            (422, true, NOTHING, None, "rejected"),
            (401, false, NOTHING, None, "unreadable"),
            (403, true, SAYS, None, "rejected"),
            (400, false, SAYS, None, "rejected"),
            (403, true, BARE, None, "unreadable"),
            (403, true, r#"{"error": "no"}"#, None, "unreadable"),
            (429, true, NOTHING, None, "unavailable"),
            (499, true, NOTHING, None, "unreadable"),
            (500, true, NOTHING, None, "unavailable"),
            (599, false, NOTHING, Some(1), "unavailable"),
            (404, false, NOTHING, Some(17), "unavailable"),
            (404, false, NOTHING, None, "unreadable"),
        ] {
            let outcome = outcome(status, is_portals, body, patience);
            assert_eq!(outcome, expected, "{status} {is_portals} {body}");
        }
    }

    #[test]
    fn a_rejection_is_read_up_to_its_limit_and_says_what_data_does_where_nothing_else_does() {
        let text = |error: &str, filler: usize| {
            let filler = "x".repeat(filler);
            let body = format!(r#"{{"data": "no {filler}", "error": "{error}"}}"#);
            rejection(body.as_bytes(), StatusCode::FORBIDDEN, "").text()
        };
        let longest = REJECTION_LIMIT - r#"{"data": "no ", "error": ""}"#.len();
        assert_eq!(text("yes", 1), "yes");
        assert!(text("", longest).starts_with("no x"));
        assert_eq!(text("", longest + 1), "");
    }

    #[test]
    fn nonsense_asks_for_nothing() {
        for value in ["", "-1", "soon", "99999999999999999999", "1e3"] {
            assert_eq!(retry_after(&headers(value, None)), None, "{value}");
        }
    }
}
