//! Trouble on demand: what the next requests meet instead of, or before, an answer.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::calls::Operation;

/// Trouble that a request meets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// This answer, whatever was asked; the portal never sees the request.
    Answer(Response<String>),
    /// The connection closes without an answer; the portal never sees the request.
    Drop,
    /// The portal does what was asked, then the connection closes half way through the answer.
    Truncate,
    /// The portal takes this long before it does what was asked.
    Delay(Duration),
    /// The portal does what was asked, then takes this long to answer.
    Late(Duration),
}

impl Fault {
    /// A bare status with a page of HTML, as a proxy in front of the portal answers.
    pub fn status(status: StatusCode) -> Self {
        let page = format!("<html><h1>{status}</h1></html>");
        Self::answer(status, "text/html", page)
    }

    /// A JSON body that the OpenAPI document does not describe.
    pub fn json(status: StatusCode, body: impl Into<String>) -> Self {
        Self::answer(status, "application/json", body.into())
    }

    fn answer(status: StatusCode, media_type: &'static str, body: String) -> Self {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let media_type = HeaderValue::from_static(media_type);
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        Self::Answer(response)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: [Mutex<VecDeque<Fault>>; 7],
}

impl Faults {
    pub(crate) fn push(&self, operation: Operation, fault: Fault) {
        let waiting = self.waiting[operation as usize].lock();
        waiting
            .unwrap_or_else(PoisonError::into_inner)
            .push_back(fault);
    }

    pub(crate) fn next(&self, operation: Operation) -> Option<Fault> {
        let waiting = self.waiting[operation as usize].lock();
        waiting.unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
