//! What the portal answers with, made of what the document describes.

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::document::{Answer, Described, Document, Pair};
use crate::portal::Refusal;

/// Which year's answers the emulator gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Shape {
    /// What the document has in its examples, and what an answer must have: `data`, `error`, `message`, `metadata`, `status`.
    #[default]
    Y2021,
    /// Everything that the document describes, and successes carry an empty `error_list` besides.
    Y2022,
}

impl Shape {
    /// The documented success of an operation, with these tokens where it hands out some.
    pub(crate) fn success(
        self,
        document: &Document,
        of: &Described,
        pair: Option<&Pair>,
    ) -> Response {
        let mut answer = document.success(of, pair, self == Self::Y2022);
        answer.body = answer.body.map(|body| self.envelope(body));
        answer.into_response()
    }

    /// The answer of a secure API, which the document says nothing about.
    pub(crate) fn data(self, data: Value) -> Response {
        self.page(data, json!({}))
    }

    /// A page of a list.
    pub(crate) fn page(self, data: Value, metadata: Value) -> Response {
        let envelope = json!({
            "data": data, "error": "", "message": "", "metadata": metadata, "status": 200,
        });
        Json(self.envelope(envelope)).into_response()
    }

    fn envelope(self, mut envelope: Value) -> Value {
        if self == Self::Y2022
            && let Some(members) = envelope.as_object_mut()
        {
            members.insert("error_list".to_owned(), json!([]));
        }
        envelope
    }
}

impl Refusal {
    /// The answer, as an operation documents it, or those that do.
    pub(crate) fn answer(self, document: &Document, of: Option<&Described>) -> Response {
        match (self, of) {
            (Self::Request, Some(of)) => document.failure(of).into_response(),
            (Self::Request, None) => document
                .rejection(of, StatusCode::BAD_REQUEST)
                .into_response(),
            (Self::Unauthenticated, _) => document
                .rejection(of, StatusCode::UNAUTHORIZED)
                .into_response(),
            (Self::Unprocessable(message), _) => {
                let body = Json(json!({ "msg": message }));
                (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
            }
        }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, Json(body)).into_response(),
            None => self.status.into_response(),
        };
        for (name, value) in self.headers {
            if let (Ok(name), Ok(value)) =
                (HeaderName::try_from(name), HeaderValue::try_from(value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// What the web server in front of the portal says of a path that it does not know.
pub(crate) async fn not_found() -> Response {
    let page = Html("<!DOCTYPE HTML>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n");
    (StatusCode::NOT_FOUND, page).into_response()
}
