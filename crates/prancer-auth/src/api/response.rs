//! What came back from the portal: tokens, an envelope, or why there is none. Read leniently, shown without secrets.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode, header};
use prancer_auth_client::types::ErrorEnvelope;
use prancer_auth_client::{
    AccessToken, Client, ClientInfo as _, Error as ClientError, RefreshToken, ResponseValue,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::envelope::Envelope;
use super::log::Sent;
use super::rejection::Rejection;
use super::tokens::Tokens;
use super::transient_error::{Failure, TransientError};

/// The largest body that is searched for the portal's words.
pub(crate) const REJECTION_LIMIT: usize = 1 << 20;

/// The envelope in a body, and whether it is the short form of the portal's library.
type Read = (Option<Envelope>, bool);

/// What a call of the generated client brought, if it is a success. `sent` is the secret that the request held.
pub(crate) async fn read<T: Serialize>(
    result: Result<ResponseValue<T>, ClientError<ErrorEnvelope>>,
    client: &Client,
    log: Sent,
    sent: &str,
) -> Result<Envelope, Failure> {
    let none = HeaderMap::new();
    let headers = match &result {
        Ok(value) => value.headers(),
        Err(ClientError::ErrorResponse(value)) => value.headers(),
        Err(ClientError::UnexpectedResponse(response)) => response.headers(),
        Err(_) => &none,
    };
    // That of the HTTP answer, which the client's error does not always tell.
    let status = client.inner().status();
    log.answered(status.map(|status| (status, headers)));
    let retry_after = retry_after(headers);
    let read = match result {
        Ok(value) => documented(&*value),
        Err(ClientError::ErrorResponse(value)) => documented(&*value),
        Err(ClientError::UnexpectedResponse(response)) => other(&response.bytes().await?),
        Err(ClientError::InvalidResponsePayload(body, _)) => other(&body),
        Err(
            ClientError::CommunicationError(error)
            | ClientError::ResponseBodyError(error)
            | ClientError::InvalidUpgrade(error),
        ) => return Err(error.into()),
        // Neither the generated code nor the hooks make these; their texts could hold anything.
        Err(ClientError::InvalidRequest(_) | ClientError::Custom(_)) => (None, false),
    };
    success(read, status.unwrap_or_default(), retry_after, sent)
}

/// An envelope that the document describes. Each secret in it moves on, or is wiped.
fn documented(answer: &impl Serialize) -> Read {
    let answer = serde_json::to_value(answer).and_then(serde_json::from_value);
    (answer.ok(), false)
}

fn other(body: &[u8]) -> Read {
    #[derive(Deserialize)]
    struct ShortForm {
        msg: String,
    }
    let read: Option<Envelope> = object(body);
    let short = read.as_ref().and_then(|_| object::<ShortForm>(body));
    (read, short.is_some_and(|it| !it.msg.is_empty()))
}

/// Takes the tokens out of an answer. What is not used of them is wiped.
fn take_tokens(answer: &mut Envelope) -> (Option<AccessToken>, Option<RefreshToken>) {
    // An empty token is none.
    let mut token = |name| match answer.data.as_mut()?.get_mut(name)?.take() {
        Value::String(token) if !token.is_empty() => Some(token),
        _ => None,
    };
    let access = token("token").map(AccessToken::from);
    (access, token("refresh_token").map(RefreshToken::from))
}

/// The tokens in a success. Where it has no new refresh token, the old one goes on.
pub(crate) fn tokens(
    mut answer: Envelope,
    old: Option<&RefreshToken>,
    sent: &str,
) -> Result<Tokens, Failure> {
    let (access, refresh) = take_tokens(&mut answer);
    if let (Some(access), Some(refresh)) = (access, refresh.as_ref().or(old)) {
        return Ok(Tokens::new(access, refresh.clone())?);
    }
    // A text in place of the tokens says more than the message of a success.
    if let Some(Value::String(text)) = &answer.data
        && !text.is_empty()
    {
        answer.message.clone_from(text);
    }
    let rejection = answer.rejection(StatusCode::OK, sent);
    Err(match rejection.says_something() {
        true => Failure::Rejected(rejection),
        false => Failure::unreadable(rejection),
    })
}

/// The envelope of an API, if it is a success.
pub(crate) fn envelope_of<T: DeserializeOwned>(
    body: &[u8],
    status: StatusCode,
    sent: &str,
) -> Result<Envelope<T>, Rejection> {
    // First with any data: a failure often has other data than a success.
    match object::<Envelope<IgnoredAny>>(body) {
        Some(any) if status.is_success() && !any.is_failure() => {
            object(body).ok_or_else(|| Rejection::bare(status))
        }
        _ => Err(rejection(body, status, sent)),
    }
}

/// What an API said that did not do what was asked.
pub(crate) fn rejection(body: &[u8], status: StatusCode, sent: &str) -> Rejection {
    let short = Some(body).filter(|it| it.len() <= REJECTION_LIMIT);
    let envelope = short.and_then(object::<Envelope>);
    envelope.map_or_else(|| Rejection::bare(status), |it| it.rejection(status, sent))
}

/// The JSON object in a body; what is none holds no envelope.
fn object<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    // Serde would fill a struct from an array by position.
    let is_object = body.trim_ascii_start().starts_with(b"{");
    is_object.then(|| serde_json::from_slice(body).ok())?
}

fn success(
    (answer, is_short): Read,
    http_status: StatusCode,
    retry_after: Option<Duration>,
    sent: &str,
) -> Result<Envelope, Failure> {
    let is_envelope = answer.as_ref().is_some_and(|it| it.status.is_some());
    let rejection = match answer {
        Some(answer) if http_status.is_success() && !answer.is_failure() => return Ok(answer),
        Some(mut answer) => {
            drop(take_tokens(&mut answer));
            answer.rejection(http_status, sent)
        }
        None => Rejection::bare(http_status),
    };
    Err(match rejection.status.as_u16() {
        // A page of HTML, nothing at all and JSON of another form are answers of something in front of the portal.
        401 | 422 if is_envelope || is_short => Failure::Rejected(rejection),
        // Anything in front of the portal may say this too; the portal says it in its envelope.
        400 | 403 if is_envelope && rejection.says_something() => Failure::Rejected(rejection),
        // Whatever it is, who asks for patience gets it.
        status if matches!(status, 429 | 500..) || retry_after.is_some() => {
            Failure::Transient(TransientError::Unavailable {
                rejection,
                retry_after,
            })
        }
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

    /// What an answer with this status and this body comes to.
    fn outcome(status: u16, body: &str, patience: Option<u64>) -> &'static str {
        let patience = patience.map(Duration::from_secs);
        let status = StatusCode::from_u16(status).unwrap();
        match success(other(body.as_bytes()), status, patience, "") {
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
        const SHORT: &str = r#"{"msg": "no"}"#;
        const BARE: &str = r#"{"status": 403}"#;
        const SAYS: &str = r#"{"status": 403, "error": "no"}"#;
        for (status, body, patience, expected) in [
            (200, r#"{"status": 200}"#, None, "success"),
            (200, NOTHING, None, "unreadable"),
            (404, r#"{"status": 200}"#, None, "unreadable"),
            (401, SHORT, None, "rejected"),
            (422, SHORT, None, "rejected"),
            (401, r#"{"msg": ""}"#, None, "unreadable"),
            (401, r#"["no"]"#, None, "unreadable"),
            (401, r#"{"msg": "a", "message": "b"}"#, None, "unreadable"),
            (401, BARE, None, "rejected"),
            (401, NOTHING, None, "unreadable"),
            (403, SAYS, None, "rejected"),
            (400, SAYS, None, "rejected"),
            (400, SHORT, None, "unreadable"),
            (403, BARE, None, "unreadable"),
            (403, r#"{"status": 403, "data": "no"}"#, None, "rejected"),
            (403, r#"{"error": "no"}"#, None, "unreadable"),
            (429, SHORT, None, "unavailable"),
            (499, SHORT, None, "unreadable"),
            (500, SHORT, None, "unavailable"),
            (599, NOTHING, Some(1), "unavailable"),
            (404, NOTHING, Some(17), "unavailable"),
            (404, NOTHING, None, "unreadable"),
        ] {
            assert_eq!(outcome(status, body, patience), expected, "{status} {body}");
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
