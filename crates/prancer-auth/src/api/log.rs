//! What is logged of a request and its response: URLs without what may hold secrets, no body, and only headers that hold none.

use std::time::Instant;

use http::{HeaderMap, Method, StatusCode, header};
use url::Position::{AfterPath, BeforeHost};
use url::Url;

use super::plain_text::plain_url;

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
pub(crate) struct Sent(Option<(Method, Url, Instant)>);

impl Sent {
    pub(crate) fn new(method: &Method, url: &Url) -> Self {
        let is_logged = tracing::enabled!(target: "prancer_auth::request", tracing::Level::DEBUG);
        Self(is_logged.then(|| (method.clone(), url.clone(), Instant::now())))
    }

    /// What came of it.
    pub(crate) fn answered(self, response: Option<(StatusCode, &HeaderMap)>) {
        let Some((method, url, since)) = self.0 else {
            return;
        };
        let (path, took_ms) = (url.path(), since.elapsed().as_millis());
        let url = format!("{}://{}", url.scheme(), &url[BeforeHost..AfterPath]);
        match response {
            Some((status, headers)) => {
                let (status, headers) = (status.as_u16(), shown(headers));
                tracing::debug!(target: "prancer_auth::request", %method, %path, status, took_ms, %url, %headers, "request");
            }
            None => {
                tracing::debug!(target: "prancer_auth::request", %method, %path, took_ms, %url, "request without a response");
            }
        }
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
