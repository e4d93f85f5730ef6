//! What the portal answers with, made of what the document describes.

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::document::{Answer, Described, Document, Pair};
use crate::portal::Rejection;
use crate::settings::Shape;

impl Shape {
    /// The success of an operation: the documented one where it is described, with what was done on top.
    pub(crate) fn success(
        self,
        document: &Document,
        of: Option<&Described>,
        done: Done,
    ) -> Response {
        let (pair, found) = match done {
            Done::Nothing => (None, None),
            Done::Tokens(pair) => (Some(pair), None),
            Done::Found { data, metadata } => {
                (None, Some(json!({ "data": data, "metadata": metadata })))
            }
        };
        let mut answer = match of {
            Some(of) => document.success(of, pair.as_ref(), self == Self::Y2022),
            None => Answer {
                status: StatusCode::OK,
                headers: Vec::new(),
                body: Some(json!({
                    "data": {}, "error": "", "message": "", "metadata": {}, "status": 200,
                })),
            },
        };
        answer.body = answer.body.map(|mut body| {
            if let Some(found) = found {
                put(&mut body, found);
            }
            self.envelope(body)
        });
        answer.into_response()
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

/// What an operation did, for its answer.
#[derive(Debug)]
pub(crate) enum Done {
    Nothing,
    Tokens(Pair),
    Found { data: Value, metadata: Value },
}

impl Done {
    pub(crate) fn found(data: Value) -> Self {
        let metadata = json!({});
        Self::Found { data, metadata }
    }
}

/// Puts members into an object, and into those inside of it; anything else takes the place of what was there.
fn put(into: &mut Value, value: Value) {
    match (into, value) {
        (Value::Object(into), Value::Object(members)) => {
            for (name, value) in members {
                put(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, value) => *into = value,
    }
}

impl Rejection {
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
