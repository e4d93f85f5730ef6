//! A gateway on this machine: what comes in goes to the portal with a valid token, and one renewal serves all.

mod listener;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderMap, HeaderName, ORIGIN,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, REFERER, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use prancer_auth::{Error, Session};
use reqwest::Body;

use crate::failure::Failure;
use listener::{Connection, Listener};

/// How long the portal may take to begin its answer; its reports take minutes.
pub(crate) const LONGEST: Duration = Duration::from_secs(5 * 60);
/// How long a login, refresh or logout may take: as long as one of the session's own.
const EXCHANGE: Duration = Duration::from_secs(15);
/// How long a client may take to send the head of a request, or to send another one.
const HEAD: Duration = Duration::from_secs(60);
/// A request's body is sent again with another token where it is no longer than this; a longer one is sent while it comes.
const REPLAYED: usize = 1024 * 1024;
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
    let serve = service_fn(|request| shared.serve(request));
    // A caller that goes away is no failure.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), serve)
        .await;
}

impl Shared {
    async fn serve(&self, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
        let Some(path) = self.admit(&request) else {
            return Ok(said(StatusCode::NOT_FOUND, "not found"));
        };
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
        let body = whole_or_stream(body, &mut headers).await;
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
        let response = request.headers(headers).body(body).send().await;
        response.map(Into::into)
    }
}

/// A body that is read, where it is short enough to be sent again; else one that goes on while it comes.
async fn whole_or_stream(body: Incoming, headers: &mut HeaderMap) -> Body {
    let (mut read, mut length, mut rest) = (Vec::new(), 0, body.into_data_stream());
    while length <= REPLAYED {
        match rest.next().await {
            Some(Ok(piece)) => {
                length += piece.len();
                read.push(Ok(piece));
            }
            Some(Err(error)) => {
                read.push(Err(error));
                break;
            }
            None => {
                headers.remove(CONTENT_LENGTH);
                return read.into_iter().flatten().fold(Vec::new(), joined).into();
            }
        }
    }
    Body::wrap_stream(stream::iter(read).chain(rest))
}

fn joined(mut whole: Vec<u8>, piece: Bytes) -> Vec<u8> {
    whole.extend_from_slice(&piece);
    whole
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
    let json = hyper::header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}
