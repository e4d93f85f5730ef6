//! A pooled connection that the server has closed, and the next request that meets it.

use std::error::Error as StdError;
use std::io::{self, ErrorKind};

use http::Method;
use reqwest::{Client, Request, Response};

/// Sends a request. One that is lost with its connection is sent once more, if it may be: RFC 9110 allows that for methods that do the
/// same when they are done twice.
pub(crate) async fn send(client: &Client, request: Request) -> reqwest::Result<Response> {
    let again = is_idempotent(request.method())
        .then(|| request.try_clone())
        .flatten();
    match (client.execute(request).await, again) {
        (Err(error), Some(again)) if is_lost(&error) => client.execute(again).await,
        (result, _) => result,
    }
}

fn is_idempotent(method: &Method) -> bool {
    method.is_idempotent() && *method != Method::TRACE
}

/// Whether the connection ended before any of the answer came.
fn is_lost(error: &reqwest::Error) -> bool {
    if !error.is_request() || error.is_connect() {
        return false;
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>()
            && error.is_incomplete_message()
        {
            return true;
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return matches!(
                error.kind(),
                ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe
            );
        }
        cause = error.source();
    }
    false
}
