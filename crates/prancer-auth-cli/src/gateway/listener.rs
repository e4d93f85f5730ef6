//! Where a gateway listens: on loopback, or on a socket of its user alone.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::Semaphore;

/// How many connections are served at once; the next one waits. More than one program opens, and fewer than its file descriptors.
const CONNECTIONS: usize = 256;
/// How long no connection is accepted after one could not be.
const PAUSE: Duration = Duration::from_millis(50);

pub(super) enum Listener {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

/// A connection of either kind.
pub(super) trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<C: AsyncRead + AsyncWrite + Send + Unpin> Connection for C {}

impl Listener {
    /// Listens, and returns the hosts that a request may name.
    pub(super) async fn bind(
        address: SocketAddr,
        socket: Option<&Path>,
    ) -> io::Result<(Self, Vec<String>)> {
        match socket {
            #[cfg(unix)]
            Some(path) => Ok((
                unix(path)?,
                vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            )),
            _ => {
                let listener = TcpListener::bind(address).await?;
                let hosts = hosts(listener.local_addr()?);
                Ok((Self::Tcp(listener), hosts))
            }
        }
    }

    /// Calls this for every connection, in a task of its own.
    pub(super) async fn serve<F: Future<Output = ()> + Send + 'static>(
        self,
        serve: impl Fn(Box<dyn Connection>) -> F,
    ) {
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let Ok(place) = Arc::clone(&free).acquire_owned().await else {
                return;
            };
            let Ok(connection) = self.accept().await else {
                // Out of file descriptors, for example: a moment later there are some.
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let served = serve(connection);
            tokio::spawn(async move {
                served.await;
                drop(place);
            });
        }
    }

    async fn accept(&self) -> io::Result<Box<dyn Connection>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                // An answer is passed on as it comes.
                let _ = stream.set_nodelay(true);
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                Ok(Box::new(stream))
            }
        }
    }
}

/// How clients name this address; the first is in the URL. The port that a URL does not need, a client leaves out.
fn hosts(address: SocketAddr) -> Vec<String> {
    let mut hosts = vec![address.to_string(), format!("localhost:{}", address.port())];
    if address.port() == 80 {
        let ip = match address {
            SocketAddr::V4(it) => it.ip().to_string(),
            SocketAddr::V6(it) => format!("[{}]", it.ip()),
        };
        hosts.extend([ip, "localhost".to_owned()]);
    }
    hosts
}

/// A socket that only this user connects to, from its first moment on.
#[cfg(unix)]
fn unix(path: &Path) -> io::Result<Listener> {
    use rustix::fs::Mode;

    let before = rustix::process::umask(Mode::from_raw_mode(0o177));
    let bound = UnixListener::bind(path);
    rustix::process::umask(before);
    bound.map(Listener::Unix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_leave_out_the_port_that_a_url_does_not_need() {
        let of = |address: &str| hosts(address.parse().unwrap());
        assert_eq!(of("127.0.0.1:8080"), ["127.0.0.1:8080", "localhost:8080"]);
        assert!(of("127.0.0.1:80").contains(&"127.0.0.1".to_owned()));
        assert!(of("[::1]:80").contains(&"[::1]".to_owned()));
        assert!(of("[::1]:80").contains(&"localhost".to_owned()));
    }
}
