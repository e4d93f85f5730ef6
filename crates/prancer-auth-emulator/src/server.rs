//! The HTTP server, connection by connection, so that one can be dropped.

use std::fmt;
use std::net::TcpListener;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::stream::{self, StreamExt as _};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// How long requests that are under way may take to end when the emulator stops.
const GRACE: Duration = Duration::from_millis(250);

/// On a response: the connection closes instead of sending it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is dropped on demand")
    }
}

impl std::error::Error for Dropped {}

/// A body that ends the connection after its first half.
pub(crate) fn truncated(whole: &Bytes) -> Body {
    let half = whole.slice(..whole.len() / 2);
    let end = async {
        // Lets the first half leave before the connection goes.
        tokio::task::yield_now().await;
        Err(Dropped)
    };
    Body::from_stream(stream::iter([Ok(half)]).chain(stream::once(end)))
}

/// Serves until it is told to stop, or its handle is gone.
pub(crate) async fn serve(listener: TcpListener, router: Router, stopped: oneshot::Receiver<()>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    let connections = GracefulShutdown::new();
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => connect(stream, router.clone(), &connections),
                // Out of file descriptors, most likely: others close theirs meanwhile.
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    };
    tokio::select! {
        () = accept => {}
        _ = stopped => {}
    }
    let _ = tokio::time::timeout(GRACE, connections.shutdown()).await;
}

fn connect(stream: TcpStream, router: Router, connections: &GracefulShutdown) {
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: http::Request<Incoming>| {
        let answer = router.call(request);
        async move {
            match answer.await {
                Ok(response) => drop_on_demand(response),
                Err(never) => match never {},
            }
        }
    });
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    let connection = connections.watch(connection);
    // A connection that fails is the client's to notice.
    tokio::spawn(async move {
        let _ = connection.await;
    });
}

fn drop_on_demand(response: Response) -> Result<Response, Dropped> {
    match response.extensions().get::<Dropped>() {
        Some(dropped) => Err(*dropped),
        None => Ok(response),
    }
}
