//! A pooled connection that the server has closed, and the next request that meets it.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;
use std::sync::Arc;

use http::Method;

/// Whether a request that is lost with its connection may be sent once more: RFC 9110 allows that for methods that do the same when
/// they are done twice.
pub(crate) fn may_repeat(method: &Method) -> bool {
    method.is_idempotent() && *method != Method::TRACE
}

/// Whether the connection ended before any of the answer came.
pub(crate) fn is_lost(error: &(dyn Error + 'static)) -> bool {
    for error in successors(Some(error), |&error| error.source()) {
        // The errors of this crate share it.
        let shared = error.downcast_ref::<Arc<reqwest::Error>>();
        let owned = error.downcast_ref::<reqwest::Error>();
        if let Some(error) = owned.or(shared.map(Arc::as_ref))
            && (!error.is_request() || error.is_connect() || error.is_timeout())
        {
            return false;
        }
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
    }
    false
}
