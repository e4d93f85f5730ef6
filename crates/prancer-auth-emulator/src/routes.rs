//! Which path does what.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::answer::{Shape, not_found};
use crate::calls::{Calls, Operation};
use crate::clock::Clock;
use crate::fault::{Fault, Faults};
use crate::portal::{Portal, Refusal};
use crate::server::{Dropped, truncated};

/// All that a request can reach.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) calls: Calls,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) portal: Portal,
    pub(crate) shape: Shape,
    pub(crate) latency: Duration,
}

pub(crate) fn router(context: Arc<Context>, tenant: Option<&str>) -> Router {
    let met = |route: MethodRouter<Arc<Context>>, operation| {
        route.layer(from_fn_with_state((Arc::clone(&context), operation), meet))
    };
    let api = Router::new()
        .route("/api/login/", met(post(login), Operation::Login))
        .route("/api/refresh/token/", met(get(refresh), Operation::Refresh))
        .route("/api/logout/", met(post(logout), Operation::Logout))
        .route("/api/user/get/", met(get(user), Operation::User))
        .route(
            "/api/collection/list",
            met(get(collections), Operation::Collections),
        )
        .route("/api/logs/", met(get(logs), Operation::Logs));
    let router = match tenant {
        Some(tenant) => Router::new().nest(&format!("/{tenant}"), api),
        None => api,
    };
    router.fallback(not_found).with_state(context)
}

/// Counts the request and lets it meet the fault that waits for it.
async fn meet(
    State((context, operation)): State<(Arc<Context>, Operation)>,
    request: Request,
    next: Next,
) -> Response {
    context.calls.add(operation);
    if !context.latency.is_zero() {
        tokio::time::sleep(context.latency).await;
    }
    match context.faults.next(operation) {
        None => next.run(request).await,
        Some(Fault::Answer(answer)) => answer.map(Body::from),
        Some(Fault::Drop) => {
            let mut response = Response::default();
            response.extensions_mut().insert(Dropped);
            response
        }
        Some(Fault::Truncate) => {
            let (parts, body) = next.run(request).await.into_parts();
            let whole = body.collect().await.unwrap_or_default().to_bytes();
            Response::from_parts(parts, truncated(&whole))
        }
        Some(Fault::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            next.run(request).await
        }
        Some(Fault::Late(delay)) => {
            let response = next.run(request).await;
            tokio::time::sleep(delay).await;
            response
        }
    }
}

type Answer = Result<Response, Refusal>;

async fn login(State(context): State<Arc<Context>>, body: Bytes) -> Answer {
    // What the real portal says of a body that it cannot read is unknown; a wrong login is documented.
    let credentials = serde_json::from_slice(&body).map_err(|_| Refusal::Credentials)?;
    let tokens = context.portal.login(&credentials)?;
    Ok(context.shape.tokens("User Logged In Successfully", tokens))
}

async fn refresh(State(context): State<Arc<Context>>, headers: HeaderMap) -> Answer {
    let tokens = context.portal.refresh(bearer(&headers))?;
    Ok(context.shape.tokens("", tokens))
}

async fn logout(State(context): State<Arc<Context>>, headers: HeaderMap) -> Answer {
    context.portal.logout(bearer(&headers))?;
    Ok(context.shape.empty("User logged out successfully!"))
}

async fn user(State(context): State<Arc<Context>>, headers: HeaderMap) -> Answer {
    let user = context.portal.user(bearer(&headers))?;
    Ok(context.shape.data(json!({
        "email": user.email, "customer_id": user.customer_id,
    })))
}

async fn collections(State(context): State<Arc<Context>>, headers: HeaderMap) -> Answer {
    context.portal.user(bearer(&headers))?;
    Ok(context
        .shape
        .data(json!(["azure_collection", "aws_collection"])))
}

/// How many logs there are.
const LOGS: usize = 7;

#[derive(serde::Deserialize)]
struct Page {
    #[serde(default)]
    index: usize,
    count: Option<usize>,
}

async fn logs(
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Answer {
    context.portal.user(bearer(&headers))?;
    let Page { index, count } = page;
    let count = count.unwrap_or(LOGS).max(1);
    let end = index.saturating_add(count).min(LOGS);
    let data: Vec<_> = (index..end)
        .map(|i| json!({ "message": format!("log {i}") }))
        .collect();
    Ok(context.shape.page(
        data,
        json!({
            "count": count,
            "current_page": index / count,
            "next_index": if end < LOGS { json!(end) } else { json!(-1) },
            "total": LOGS,
        }),
    ))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
