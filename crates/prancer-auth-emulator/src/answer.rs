//! The bodies that the portal answers with.

use axum::Json;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use prancer_auth_client::types::{
    EmptyData, EmptyEnvelope, ErrorEnvelope, Metadata, TokenEnvelope, TokenPair,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::portal::Refusal;

/// Which year's answers the emulator gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Shape {
    /// The documented envelope: `data`, `error`, `message`, `metadata`, `status`.
    #[default]
    Y2021,
    /// The same, and successes carry an empty `error_list` besides.
    Y2022,
}

impl Shape {
    pub(crate) fn tokens(self, message: &str, data: TokenPair) -> Response {
        self.success(&TokenEnvelope {
            data,
            error: String::new(),
            message: message.to_owned(),
            metadata: Metadata(Map::new()),
            status: 200,
        })
    }

    pub(crate) fn empty(self, message: &str) -> Response {
        self.success(&EmptyEnvelope {
            data: EmptyData(Map::new()),
            error: String::new(),
            message: message.to_owned(),
            metadata: Metadata(Map::new()),
            status: 200,
        })
    }

    /// The answer of a secure API, which the document says nothing about.
    pub(crate) fn data(self, data: Value) -> Response {
        self.success(&json!({
            "data": data, "error": "", "message": "", "metadata": {}, "status": 200,
        }))
    }

    /// A page of a list.
    pub(crate) fn page(self, data: Vec<Value>, metadata: Value) -> Response {
        self.success(&json!({
            "data": data, "error": "", "message": "", "metadata": metadata, "status": 200,
        }))
    }

    fn success(self, envelope: &impl Serialize) -> Response {
        match (self, serde_json::to_value(envelope)) {
            (_, Err(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            (Self::Y2021, Ok(envelope)) => Json(envelope).into_response(),
            (Self::Y2022, Ok(mut envelope)) => {
                envelope["error_list"] = json!([]);
                Json(envelope).into_response()
            }
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Credentials => failure(
                StatusCode::BAD_REQUEST,
                "Authentication Failed",
                "Invalid Email or Password",
            ),
            Self::Unauthenticated => failure(
                StatusCode::UNAUTHORIZED,
                "Unauthorized",
                "Please authenticate to access this API.",
            ),
            Self::Unprocessable(message) => {
                let body = Json(json!({ "msg": message }));
                (StatusCode::UNPROCESSABLE_ENTITY, body).into_response()
            }
        }
    }
}

fn failure(status: StatusCode, error: &str, message: &str) -> Response {
    let envelope = ErrorEnvelope {
        data: EmptyData(Map::new()),
        error: error.to_owned(),
        error_list: Vec::new(),
        message: message.to_owned(),
        metadata: Metadata(Map::new()),
        status: i32::from(status.as_u16()),
    };
    (status, Json(envelope)).into_response()
}

/// What the web server in front of the portal says of a path that it does not know.
pub(crate) async fn not_found() -> Response {
    let page = Html("<!DOCTYPE HTML>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n");
    (StatusCode::NOT_FOUND, page).into_response()
}
