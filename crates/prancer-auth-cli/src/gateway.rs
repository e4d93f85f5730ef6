//! A gateway on this machine: what comes in goes to the portal with a valid token, and one renewal serves all.

mod body;
mod listener;

use std::convert::Infallible;
use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{
    AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prancer_auth::{Error, Session};
use reqwest::Body;
use tokio::time::sleep;

use crate::failure::Failure;
use body::{answered, whole_or_stream};
use listener::{Connection, Listener};

/// How long the portal may take to begin its answer; its reports take minutes.
pub(crate) const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How long a login, refresh or logout may take: as long as one of the session's own.
const EXCHANGE: Duration = Duration::from_secs(15);
/// How long a client may take to send the head of a request, or to send another one.
const HEAD: Duration = Duration::from_secs(60);
/// How long a new connection may take to show the secret, so that other users of the machine cannot use up the connections.
const STRANGER: Duration = Duration::from_secs(5);
/// These have secrets of their own, and are forwarded unchanged.
const OWN_SECRETS: [&str; 3] = ["api/login/", "api/refresh/token/", "api/logout/"];
/// What belongs to one connection, besides what its `Connection` header names.
const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// A gateway on a session.
pub(crate) struct Gateway {
    listener: Listener,
    shared: Arc<Shared>,
}

struct Shared {
    session: Session,
    /// The first segment of every path: who does not know it, is not served.
    capability: String,
    hosts: Vec<String>,
}

impl Gateway {
    /// Listens, and returns the URL to be handed over, which is a secret.
    pub(crate) async fn bind(
        session: Session,
        address: SocketAddr,
        socket: Option<&Path>,
    ) -> io::Result<(Self, String)> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let capability: String = random.iter().map(|it| format!("{it:02x}")).collect();
        let (listener, hosts) = Listener::bind(address, socket).await?;
        let host = hosts.first().map_or("localhost", String::as_str);
        let url = format!("http://{host}/{capability}");
        let shared = Shared {
            session,
            capability,
            hosts,
        };
        let shared = Arc::new(shared);
        Ok((Self { listener, shared }, url))
    }

    /// Serves until it is dropped.
    pub(crate) async fn serve(self) {
        let shared = self.shared;
        let serve = |stream| serve(stream, Arc::clone(&shared));
        self.listener.serve(serve).await;
    }
}

async fn serve(stream: Box<dyn Connection>, shared: Arc<Shared>) {
    let known = AtomicBool::new(false);
    let serve = service_fn(|request| shared.serve(request, &known));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), serve);
    let stranger = async {
        sleep(STRANGER).await;
        if known.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
    };
    tokio::select! {
        // A caller that goes away is no failure.
        _ = connection => {}
        () = stranger => {}
    }
}

impl Shared {
    async fn serve(
        &self,
        request: Request<Incoming>,
        known: &AtomicBool,
    ) -> Result<Response<Body>, Infallible> {
        let Some(path) = self.admit(&request) else {
            let mut response = said(StatusCode::NOT_FOUND, "not found");
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
            return Ok(response);
        };
        known.store(true, Ordering::Relaxed);
        Ok(match self.pass_on(&path, request).await {
            Ok(mut response) => {
                remove_hop_by_hop(response.headers_mut());
                response
            }
            Err(error) => {
                let status = match &error {
                    error if error.needs_login() => StatusCode::UNAUTHORIZED,
                    Error::NotThisPortal(_)
                    | Error::AmbiguousPath(_)
                    | Error::InvalidRequest(_) => StatusCode::BAD_REQUEST,
                    Error::TryLater { .. } => StatusCode::SERVICE_UNAVAILABLE,
                    Error::DeadlineExceeded(_) | Error::TimedOut(_) => StatusCode::GATEWAY_TIMEOUT,
                    _ => StatusCode::BAD_GATEWAY,
                };
                said(status, &Failure::from(error).message())
            }
        })
    }

    /// The path below the portal of a request that knows the capability, and asks for this host.
    fn admit(&self, request: &Request<Incoming>) -> Option<String> {
        let uri = request.uri();
        let named = request.headers().get(HOST)?.to_str().ok()?;
        let is_here = |host: &str| self.hosts.iter().any(|it| it.eq_ignore_ascii_case(host));
        if !is_here(named) || uri.authority().is_some_and(|it| !is_here(it.as_str())) {
            return None;
        }
        let (given, path) = uri
            .path_and_query()?
            .as_str()
            .strip_prefix('/')?
            .split_once('/')?;
        same(given, &self.capability).then(|| path.to_owned())
    }

    async fn pass_on(
        &self,
        path: &str,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, Error> {
        let (parts, body) = request.into_parts();
        let mut headers = parts.headers;
        remove_hop_by_hop(&mut headers);
        // What names the gateway's own URL would give its secret away.
        for name in [HOST, ORIGIN, REFERER] {
            headers.remove(name);
        }
        let (body, sent) = whole_or_stream(body, &mut headers).await;
        let plain = path.split('?').next().unwrap_or_default();
        if OWN_SECRETS.contains(&plain) {
            let url = format!("{}{path}", self.session.portal().url());
            // The session's own client: no proxy gets in the clear what stays on this machine, and no redirect is followed.
            let request = self.session.http_client()?.request(parts.method, url);
            let request = request.headers(headers).body(body).timeout(EXCHANGE);
            return match request.send().await {
                Ok(response) => Ok(response.into()),
                Err(error) if error.is_timeout() => Err(Error::TimedOut(EXCHANGE)),
                Err(error) => Err(Error::Unreachable(Arc::new(error.without_url()))),
            };
        }
        headers.remove(AUTHORIZATION);
        let request = self.session.request(parts.method, &format!("/{path}"));
        let call = request.headers(headers).body(body).send();
        answered(call, sent, LONGEST).await.map(Into::into)
    }
}

fn remove_hop_by_hop(headers: &mut HeaderMap) {
    let named = headers.get_all(CONNECTION).iter();
    let named: Vec<HeaderName> = named
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
}

/// Takes as long wherever they differ.
fn same(given: &str, expected: &str) -> bool {
    let differ = given.bytes().zip(expected.bytes());
    given.len() == expected.len() && differ.fold(0, |found, (a, b)| found | (a ^ b)) == 0
}

/// An answer of the gateway's own, in the envelope that clients of the portal read.
fn said(status: StatusCode, message: &str) -> Response<Body> {
    let envelope = serde_json::json!({
        "data": null, "error": "prancer-auth proxy", "message": message, "metadata": {}, "status": status.as_u16(),
    });
    let mut response = Response::new(Body::from(envelope.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
