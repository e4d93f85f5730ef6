//! What is logged of a request and its response: URLs without what may hold secrets, no body, and only headers that hold none.

use std::time::Instant;

use http::{HeaderMap, Method, StatusCode, header};
use prancer_auth_client::Error;
use url::Position::{AfterPath, BeforeHost};
use url::Url;

use super::plain_text::plain_url;
use super::response::CallResult;

/// The headers of a response that are logged.
const HEADERS: [header::HeaderName; 7] = [
    header::CONTENT_TYPE,
    header::CONTENT_LENGTH,
    header::DATE,
    header::LOCATION,
    header::RETRY_AFTER,
    header::SERVER,
    header::VIA,
];

/// A request, from the moment on that it is sent; `None` where it is not logged, and costs nothing.
pub(crate) struct Sent(Option<Line>);

struct Line {
    method: Method,
    path: String,
    url: String,
    since: Instant,
}

impl Sent {
    pub(crate) fn new(method: Method, url: &Url) -> Self {
        let is_logged = tracing::enabled!(target: "prancer_auth::request", tracing::Level::DEBUG);
        Self(is_logged.then(|| Line {
            method,
            path: url.path().to_owned(),
            url: format!("{}://{}", url.scheme(), &url[BeforeHost..AfterPath]),
            since: Instant::now(),
        }))
    }

    /// What came of it.
    pub(crate) fn answered(&self, response: Option<(StatusCode, Option<&HeaderMap>)>) {
        let Some(Line {
            method,
            path,
            url,
            since,
        }) = &self.0
        else {
            return;
        };
        let took_ms = since.elapsed().as_millis();
        match response {
            Some((status, headers)) => {
                let (status, headers) = (status.as_u16(), headers.map(shown).unwrap_or_default());
                tracing::debug!(target: "prancer_auth::request", %method, %path, status, took_ms, %url, %headers, "request");
            }
            None => {
                tracing::debug!(target: "prancer_auth::request", %method, %path, took_ms, %url, "request without a response");
            }
        }
    }

    /// The same for a call of the generated client, whose result it returns with the HTTP status.
    pub(crate) fn called<T>(
        &self,
        result: CallResult<T>,
        status: Option<StatusCode>,
    ) -> (CallResult<T>, Option<StatusCode>) {
        let headers = match &result {
            Ok(value) => Some(value.headers()),
            Err(Error::ErrorResponse(value)) => Some(value.headers()),
            Err(Error::UnexpectedResponse(response)) => Some(response.headers()),
            Err(_) => None,
        };
        self.answered(status.map(|status| (status, headers)));
        (result, status)
    }
}

fn shown(headers: &HeaderMap) -> String {
    let shown = HEADERS.iter().filter_map(|name| {
        let value = headers.get(name)?.to_str().ok()?;
        let value = match *name {
            header::LOCATION => plain_url(value),
            _ => value.to_owned(),
        };
        Some(format!("{name}: {value}"))
    });
    shown.collect::<Vec<_>>().join(", ")
}
