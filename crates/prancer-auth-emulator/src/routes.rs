//! Which path does what.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method, Uri};
use http_body_util::BodyExt as _;
use serde_json::json;

use crate::answer::{Done, not_found};
use crate::calls::{Calls, Operation};
use crate::clock::Clock;
use crate::document::{Described, Document};
use crate::fault::{Fault, Faults};
use crate::portal::{Portal, Rejection};
use crate::server::{Dropped, truncated};
use crate::settings::Shape;

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

/// Secure APIs that are there, whether or not the document describes them.
const SECURE: [(MethodFilter, &str, Operation); 3] = [
    (MethodFilter::GET, USER, Operation::User),
    (MethodFilter::GET, COLLECTIONS, Operation::Collections),
    (MethodFilter::GET, LOGS, Operation::Logs),
];
const USER: &str = "/api/user/get/";
const COLLECTIONS: &str = "/api/collection/list";
const LOGS: &str = "/api/logs/";

/// What a method and a path are for: this is what is written for them, however the document calls and describes it.
fn operation(method: &str, path: &str) -> Operation {
    match (method, path) {
        ("post", "/api/login/") => Operation::Login,
        ("get", "/api/refresh/token/") => Operation::Refresh,
        ("post", "/api/logout/") => Operation::Logout,
        ("get", USER) => Operation::User,
        ("get", COLLECTIONS) => Operation::Collections,
        ("get", LOGS) => Operation::Logs,
        _ => Operation::Other,
    }
}

/// Everything that the document describes, and secure APIs that it does not.
pub(crate) fn router(context: Arc<Context>, tenant: Option<&str>) -> Router {
    let route = |method, operation, of: Option<Described>| {
        let route: MethodRouter<Arc<Context>> = on(method, move |context, headers, uri, body| {
            answer(operation, of, context, headers, uri, body)
        });
        route.layer(from_fn_with_state((Arc::clone(&context), operation), meet))
    };
    let mut api = Router::new();
    let mut described = Vec::new();
    for of in context.document.operations() {
        let method = Method::try_from(of.method.to_uppercase().as_str()).ok();
        let Some(method) = method.and_then(|it| MethodFilter::try_from(it).ok()) else {
            continue;
        };
        let (path, operation) = (of.path.clone(), operation(&of.method, &of.path));
        api = api.route(&path, route(method, operation, Some(of)));
        described.push(operation);
    }
    for (method, path, operation) in SECURE {
        if !described.contains(&operation) {
            api = api.route(path, route(method, operation, None));
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

/// Checks the request as the document says, does what it is for, and answers as the document says.
async fn answer(
    operation: Operation,
    of: Option<Described>,
    State(context): State<Arc<Context>>,
    headers: HeaderMap,
    uri: Uri,
    body: Bytes,
) -> Response {
    let (of, document) = (of.as_ref(), &context.document);
    match act(operation, of, &context, bearer(&headers), &uri, &body) {
        Ok(done) => context.shape.success(document, of, done),
        Err(rejection) => rejection.answer(document, of),
    }
}

/// What an operation does; what nothing is written for here hands out tokens where its answer has some.
fn act(
    operation: Operation,
    of: Option<&Described>,
    context: &Context,
    bearer: Option<&str>,
    uri: &Uri,
    body: &[u8],
) -> Result<Done, Rejection> {
    let Context {
        portal, document, ..
    } = context;
    let accepts = |token: &str, kind| portal.authenticate(Some(token), kind).is_ok();
    let query = uri.query().unwrap_or_default();
    if of.is_some_and(|it| !document.takes(it, query, body, &accepts)) {
        // What the real portal says of a body that it cannot read is unknown; a wrong login is documented.
        return Err(Rejection::Request);
    }
    match (operation, of) {
        (Operation::Login, _) => {
            let login = serde_json::from_slice(body).unwrap_or_default();
            portal.login(&login).map(Done::Tokens)
        }
        (Operation::Refresh, _) => portal.refresh(bearer).map(Done::Tokens),
        (Operation::Logout, _) => portal.logout(bearer).map(|()| Done::Nothing),
        (Operation::User, _) => {
            let user = portal.user(bearer)?;
            let data = json!({ "email": user.email, "customer_id": user.customer_id });
            Ok(Done::found(data))
        }
        (Operation::Collections, _) => {
            portal.user(bearer)?;
            Ok(Done::found(json!(["azure_collection", "aws_collection"])))
        }
        (Operation::Logs, _) => {
            portal.user(bearer)?;
            let page = Query::try_from_uri(uri);
            let Query(page) = page.map_err(|_| Rejection::Request)?;
            Ok(logs(&page))
        }
        (Operation::Other, Some(of)) => {
            if let Some(kind) = of.token {
                portal.authenticate(bearer, kind)?;
            }
            match document.gives_tokens(of) {
                true => portal.any_pair().map(Done::Tokens),
                false => Ok(Done::Nothing),
            }
        }
        (Operation::Other, None) => Ok(Done::Nothing),
    }
}

/// How many logs there are.
const LOG_COUNT: usize = 7;

#[derive(serde::Deserialize)]
struct Page {
    #[serde(default)]
    index: usize,
    count: Option<usize>,
}

fn logs(page: &Page) -> Done {
    let index = page.index;
    let count = page.count.unwrap_or(LOG_COUNT).max(1);
    let end = index.saturating_add(count).min(LOG_COUNT);
    Done::Found {
        data: (index..end)
            .map(|i| json!({ "message": format!("log {i}") }))
            .collect(),
        metadata: json!({
            "count": count,
            "current_page": index / count,
            "next_index": if end < LOG_COUNT { json!(end) } else { json!(-1) },
            "total": LOG_COUNT,
        }),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use hyper::service::Service as _;
    use hyper_util::service::TowerToHyperService;
    use serde_json::Value;

    use super::*;
    use crate::settings::{Settings, User};

    /// What the document says of an API that this is written for comes on top, and takes nothing away.
    #[tokio::test]
    async fn an_api_that_comes_to_be_described_does_what_it_did() {
        let mut document = Document::read().unwrap();
        let mut described = document.value["paths"]["/api/logout/"]["post"].clone();
        described["operationId"] = json!("currentUser");
        document.value["paths"][USER] = json!({ "get": described });
        let clock = Clock::default();
        let context = Arc::new(Context {
            calls: Calls::default(),
            document,
            faults: Faults::default(),
            shape: Shape::default(),
            latency: Duration::ZERO,
            portal: Portal::new(Settings::default().user(User::default()), clock.clone()),
            clock,
        });
        let router = TowerToHyperService::new(router(Arc::clone(&context), None));
        let call = async |authorization: String| {
            let request = Request::get(USER).header(AUTHORIZATION, authorization);
            let answer = router.call(request.body(Body::empty()).unwrap()).await;
            let (parts, body) = answer.unwrap().into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            (parts.status, serde_json::from_slice(&body).unwrap())
        };
        let token = context.portal.any_pair().unwrap().access_token;
        let (status, body): (_, Value) = call(format!("Bearer {}", token.expose())).await;
        assert_eq!(status, 200);
        assert_eq!(body["data"]["email"], "user@example.com");
        assert_eq!(body["message"], "User logged out successfully!");
        let (status, _): (_, Value) = call("Basic".to_owned()).await;
        assert_eq!(status, 401);
        assert_eq!(context.calls.count(Operation::User), 2);
        assert_eq!(context.calls.count(Operation::Other), 0);
    }
}
