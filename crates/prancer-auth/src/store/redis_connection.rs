//! Connections to one Redis: one for each runtime that uses it, made anew when it breaks.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::io::tcp::TcpSettings;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, IntoConnectionInfo as _, Pipeline, RedisError,
    RedisFuture, RedisResult, ServerErrorKind, Value,
};
use tokio::runtime::{Handle, Id};

use crate::api::patience::within;

/// How long one command may take, connecting included.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many runtimes keep a connection for their next command.
const RUNTIMES: usize = 64;

/// The connections to one Redis, one for each tokio runtime that uses it.
///
/// A runtime drives the connection that it opened, so each runtime has its own, which ends with the runtime. The 64
/// runtimes that connected last keep theirs. After a connection breaks, a new one is opened. A command is sent once more
/// if its connection was closed while idle, or if its server is a demoted primary (`READONLY`); then the host name is
/// looked up again. (In the first case, redis's own `ConnectionManager` fails; in the second, it stays connected to the
/// old server.)
#[derive(Clone)]
pub struct RedisConnection {
    client: Client,
    /// By runtime; the one that was opened last is at the end.
    open: Arc<Mutex<Vec<(Id, MultiplexedConnection)>>>,
}

impl RedisConnection {
    pub(super) fn open(url: &str) -> RedisResult<Self> {
        let settings = TcpSettings::default().set_nodelay(true);
        // Else a connection to a machine that has vanished looks good for a quarter of an hour.
        #[cfg(target_os = "linux")]
        let settings = settings.set_user_timeout(PATIENCE);
        let info = url.into_connection_info()?.set_tcp_settings(settings);
        Ok(Self {
            client: Client::open(info)?,
            open: Arc::default(),
        })
    }

    /// The host and the port, or the path of the socket.
    pub(super) fn address(&self) -> String {
        self.client.get_connection_info().addr().to_string()
    }

    fn all(&self) -> MutexGuard<'_, Vec<(Id, MultiplexedConnection)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn send<'a, T>(
        &self,
        command: impl Fn(MultiplexedConnection) -> RedisFuture<'a, T>,
    ) -> RedisResult<T> {
        let runtime = Handle::try_current().map_err(io::Error::other)?.id();
        let sent = async {
            let open = self.all().iter().find(|it| it.0 == runtime).cloned();
            let reused = open.is_some();
            match self.send_once(runtime, open, &command).await {
                // By a demoted primary it was not done, and the host name leads to another server by now. Or the connection was closed
                // while it was idle: what was done all the same does no harm, since whatever changes something compares first, a lock
                // with its owner, a save with the generation.
                Err(error) if is_read_only(&error) || (reused && error.is_io_error()) => {
                    self.send_once(runtime, None, &command).await
                }
                sent => sent,
            }
        };
        let late = || Err(io::Error::from(io::ErrorKind::TimedOut).into());
        let sent = within(PATIENCE, sent).await.unwrap_or_else(late);
        if sent.as_ref().is_err_and(is_useless_after) {
            self.all().retain(|it| it.0 != runtime);
        }
        sent
    }

    /// Sends a command over this connection, or a new one.
    async fn send_once<'a, T>(
        &self,
        runtime: Id,
        open: Option<(Id, MultiplexedConnection)>,
        command: &impl Fn(MultiplexedConnection) -> RedisFuture<'a, T>,
    ) -> RedisResult<T> {
        if let Some((_, connection)) = open {
            return command(connection).await;
        }
        // One time limit, which is that of the whole command.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config);
        let connection = connection.await?;
        self.replace(runtime, connection.clone());
        command(connection).await
    }

    fn replace(&self, runtime: Id, connection: MultiplexedConnection) {
        let mut all = self.all();
        all.retain(|it| it.0 != runtime);
        if all.len() == RUNTIMES {
            all.remove(0);
        }
        all.push((runtime, connection));
    }
}

impl ConnectionLike for RedisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.send(move |mut connection| {
            Box::pin(async move {
                // Errors of the server too, which decide where the command is sent again.
                let sent = connection.send_packed_command(command).await;
                sent?.extract_error()
            })
        }))
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        Box::pin(self.send(move |mut connection| {
            Box::pin(async move {
                let sent = connection.send_packed_commands(commands, offset, count);
                sent.await
            })
        }))
    }

    fn get_db(&self) -> i64 {
        self.client.get_connection_info().redis_settings().db()
    }
}

/// Whether the next command needs another connection. A server that was paused, and has been replaced behind its name, never answers.
fn is_useless_after(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error() || is_read_only(error)
}

fn is_read_only(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
        // Before version 7, Redis wraps the errors of a script.
        || error.detail().is_some_and(|it| it.contains("READONLY"))
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use tokio::runtime::{Builder, Runtime};

    use super::*;

    /// What a server does when it is asked.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Mood {
        Well,
        Fails,
        Closes,
        Silent,
    }

    /// A server that knows one command.
    struct Server {
        address: SocketAddr,
        mood: Arc<Mutex<Mood>>,
        connections: Arc<AtomicUsize>,
        pings: Arc<AtomicUsize>,
    }

    impl Server {
        fn start() -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let server = Self {
                address: listener.local_addr().unwrap(),
                mood: Arc::new(Mutex::new(Mood::Well)),
                connections: Arc::default(),
                pings: Arc::default(),
            };
            let (mood, pings) = (Arc::clone(&server.mood), Arc::clone(&server.pings));
            let connections = Arc::clone(&server.connections);
            thread::spawn(move || {
                for connection in listener.incoming() {
                    connections.fetch_add(1, Ordering::SeqCst);
                    let (mood, pings) = (Arc::clone(&mood), Arc::clone(&pings));
                    thread::spawn(move || serve(connection.ok()?, &mood, &pings));
                }
            });
            server
        }

        fn open(&self) -> RedisConnection {
            RedisConnection::open(&format!("redis://{}", self.address)).unwrap()
        }

        fn is(&self, mood: Mood) {
            *self.mood.lock().unwrap() = mood;
        }

        /// Connections and commands so far.
        fn counts(&self) -> (usize, usize) {
            let count = |it: &AtomicUsize| it.load(Ordering::SeqCst);
            (count(&self.connections), count(&self.pings))
        }
    }

    fn serve(connection: TcpStream, mood: &Mutex<Mood>, pings: &AtomicUsize) -> Option<()> {
        let mut answers = connection.try_clone().ok()?;
        let mut lines = BufReader::new(connection).lines();
        loop {
            let words: usize = lines.next()?.ok()?.strip_prefix('*')?.parse().ok()?;
            let words: Vec<_> = lines.by_ref().take(2 * words).flatten().collect();
            let is_ping = words.get(1).is_some_and(|it| it == "PING");
            let mood = if is_ping {
                *mood.lock().unwrap()
            } else {
                Mood::Well
            };
            pings.fetch_add(usize::from(is_ping), Ordering::SeqCst);
            match mood {
                Mood::Well => answers.write_all(b"+OK\r\n").ok()?,
                Mood::Fails => answers.write_all(b"-ERR not now\r\n").ok()?,
                Mood::Closes => return None,
                Mood::Silent => {}
            }
        }
    }

    async fn ping(connection: &RedisConnection) -> RedisResult<Value> {
        let ping = redis::cmd("PING");
        connection.clone().req_packed_command(&ping).await
    }

    fn runtime() -> Runtime {
        Builder::new_current_thread().enable_all().build().unwrap()
    }

    #[test]
    fn a_runtime_has_one_connection_and_the_latest_keep_theirs() {
        let server = Server::start();
        let connection = server.open();
        for count in 1..RUNTIMES + 3 {
            let runtime = runtime();
            for _ in 0..3 {
                runtime.block_on(ping(&connection)).unwrap();
            }
            assert_eq!(server.counts(), (count, 3 * count));
            assert_eq!(connection.all().len(), count.min(RUNTIMES));
        }
    }

    #[tokio::test]
    async fn a_connection_that_nobody_has_any_more_leaves_no_task() {
        let server = Server::start();
        let connection = server.open();
        ping(&connection).await.unwrap();
        drop(connection);
        let tasks = || Handle::current().metrics().num_alive_tasks();
        for _ in 0..60_000 {
            if tasks() == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("{} tasks", tasks());
    }

    #[tokio::test]
    async fn a_command_is_sent_again_only_where_its_connection_was_closed_while_it_was_idle() {
        let server = Server::start();
        let connection = server.open();
        server.is(Mood::Closes);
        assert!(ping(&connection).await.is_err(), "a new connection");
        assert_eq!(server.counts(), (1, 1));
        server.is(Mood::Well);
        ping(&connection).await.unwrap();
        server.is(Mood::Fails);
        assert!(ping(&connection).await.is_err(), "an answer");
        assert_eq!(server.counts(), (2, 3));
        server.is(Mood::Closes);
        assert!(ping(&connection).await.is_err(), "both times");
        assert_eq!(server.counts(), (3, 5));
    }

    #[tokio::test]
    async fn a_connection_that_was_silent_is_left_for_another() {
        let server = Server::start();
        let connection = server.open();
        ping(&connection).await.unwrap();
        server.is(Mood::Silent);
        tokio::time::pause();
        let silent = ping(&connection).await.unwrap_err();
        tokio::time::resume();
        assert!(silent.is_timeout(), "{silent:?}");
        server.is(Mood::Well);
        ping(&connection).await.unwrap();
        assert_eq!(server.connections.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_connection_knows_where_it_goes_before_it_goes_there() {
        let connection = RedisConnection::open("redis://127.0.0.1:7/2").unwrap();
        assert_eq!(connection.address(), "127.0.0.1:7");
        assert_eq!(connection.get_db(), 2);
    }

    #[test]
    fn only_a_connection_that_serves_no_more_is_left() {
        let error = |kind| RedisError::from((kind, "a word"));
        let read_only = error(ErrorKind::Server(ServerErrorKind::ReadOnly));
        let detail = "ERR Error running script: -READONLY You can't write".to_owned();
        let wrapped = RedisError::from((
            ErrorKind::Server(ServerErrorKind::ResponseError),
            "",
            detail,
        ));
        let broken = RedisError::from(io::Error::from(io::ErrorKind::BrokenPipe));
        let late = RedisError::from(io::Error::from(io::ErrorKind::TimedOut));
        let garbled = error(ErrorKind::Parse);
        let other = error(ErrorKind::Server(ServerErrorKind::NoScript));
        for (error, is_demoted, is_useless) in [
            (read_only, true, true),
            (wrapped, true, true),
            (broken, false, true),
            (late, false, true),
            (garbled, false, true),
            (other, false, false),
        ] {
            assert_eq!(is_read_only(&error), is_demoted, "{error:?}");
            assert_eq!(is_useless_after(&error), is_useless, "{error:?}");
        }
    }
}
