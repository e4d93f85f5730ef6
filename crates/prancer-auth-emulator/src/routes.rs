//! Which path does what.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, RawQuery, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, get, on};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::answer::{Shape, not_found};
use crate::calls::{Calls, Operation};
use crate::clock::Clock;
use crate::document::{Described, Document, Pair};
use crate::fault::{Fault, Faults};
use crate::portal::{Portal, Refusal};
use crate::server::{Dropped, truncated};
use crate::settings::User;

/// All that a request can reach.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) calls: Calls,
    pub(crate) clock: Clock,
    pub(crate) document: Document,
    pub(crate) faults: Faults,
    pub(crate) portal: Portal,
    pub(crate) shape: Shape,
    pub(crate) latency: Duration,
}

/// Everything that the document describes, and secure APIs that it does not.
pub(crate) fn router(context: Arc<Context>, tenant: Option<&str>) -> Router {
    let met = |route: MethodRouter<Arc<Context>>, operation| {
        route.layer(from_fn_with_state((Arc::clone(&context), operation), meet))
    };
    let mut api = Router::new();
    let described = context.document.operations();
    for operation in &described {
        let method = operation.method.to_uppercase();
        let method = Method::try_from(method.as_str()).ok();
        let Some(method) = method.and_then(|it| MethodFilter::try_from(it).ok()) else {
            continue;
        };
        let counted = match operation.id.as_str() {
            "login" => Operation::Login,
            "refresh" => Operation::Refresh,
            "logout" => Operation::Logout,
            _ => Operation::Other,
        };
        let own = operation.clone();
        let route = on(method, move |context, headers, query, body| {
            documented(own, context, headers, query, body)
        });
        api = api.route(&operation.path, met(route, counted));
    }
    let secure: [(_, MethodRouter<Arc<Context>>, _); 3] = [
        ("/api/user/get/", get(user), Operation::User),
        (
            "/api/collection/list",
            get(collections),
            Operation::Collections,
        ),
        ("/api/logs/", get(logs), Operation::Logs),
    ];
    for (path, route, operation) in secure {
        // The document comes first.
        if described.iter().all(|it| it.path != path) {
            api = api.route(path, met(route, operation));
        }
    }
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

/// An operation of the document: its request is checked, it does what it does, and its answer is the documented one.
async fn documented(
    of: Described,
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    match act(
        &of,
        &context,
        bearer(&headers),
        &query.unwrap_or_default(),
        &body,
    ) {
        Ok(pair) => context.shape.success(&context.document, &of, pair.as_ref()),
        Err(refusal) => refusal.answer(&context.document, Some(&of)),
    }
}

/// What an operation does; what nothing is written for here hands out tokens where its answer has some.
fn act(
    of: &Described,
    context: &Context,
    bearer: Option<&str>,
    query: &str,
    body: &[u8],
) -> Result<Option<Pair>, Refusal> {
    let Context {
        portal, document, ..
    } = context;
    let accepts = |token: &str, kind| portal.authenticate(Some(token), kind).is_ok();
    if !document.takes(of, query, body, &accepts) {
        // What the real portal says of a body that it cannot read is unknown; a wrong login is documented.
        return Err(Refusal::Request);
    }
    match of.id.as_str() {
        "login" => portal
            .login(&serde_json::from_slice(body).unwrap_or_default())
            .map(Some),
        "refresh" => portal.refresh(bearer).map(Some),
        "logout" => portal.logout(bearer).map(|()| None),
        _ => {
            if let Some(kind) = of.token {
                portal.authenticate(bearer, kind)?;
            }
            let gives = document.gives_tokens(of);
            gives.then(|| portal.any_pair()).transpose()
        }
    }
}

async fn user(State(context): State<Arc<Context>>, headers: HeaderMap) -> Response {
    secure(&context, &headers, |user| {
        context
            .shape
            .data(json!({ "email": user.email, "customer_id": user.customer_id }))
    })
}

async fn collections(State(context): State<Arc<Context>>, headers: HeaderMap) -> Response {
    let names = json!(["azure_collection", "aws_collection"]);
    secure(&context, &headers, |_| context.shape.data(names))
}

/// The answer of a secure API to one of the users.
fn secure(
    context: &Context,
    headers: &HeaderMap,
    answer: impl FnOnce(&User) -> Response,
) -> Response {
    match context.portal.user(bearer(headers)) {
        Ok(user) => answer(user),
        Err(refusal) => refusal.answer(&context.document, None),
    }
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
) -> Response {
    let Page { index, count } = page;
    let count = count.unwrap_or(LOGS).max(1);
    let end = index.saturating_add(count).min(LOGS);
    let data: Value = (index..end)
        .map(|i| json!({ "message": format!("log {i}") }))
        .collect();
    let metadata = json!({
        "count": count,
        "current_page": index / count,
        "next_index": if end < LOGS { json!(end) } else { json!(-1) },
        "total": LOGS,
    });
    secure(&context, &headers, |_| context.shape.page(data, metadata))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
