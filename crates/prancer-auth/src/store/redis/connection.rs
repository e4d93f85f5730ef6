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
        let open = self.all().iter().find(|it| it.0 == runtime).cloned();
        let reused = open.is_some();
        let sent = async {
            let connection = match open {
                Some((_, connection)) => connection,
                None => self.connect(runtime).await?,
            };
            match command(connection).await {
                // By a demoted primary it was not done, and the host name leads to another server by now. Or the connection was closed
                // while it was idle: what was done all the same does no harm, since whatever changes something compares first, a lock
                // with its owner, a save with the generation.
                Err(error) if is_read_only(&error) || (reused && error.is_io_error()) => {
                    command(self.connect(runtime).await?).await
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

    /// Opens a connection, in place of an earlier one.
    async fn connect(&self, runtime: Id) -> RedisResult<MultiplexedConnection> {
        // One time limit, which is that of the whole command.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None);
        let connection = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        let mut all = self.all();
        all.retain(|it| it.0 != runtime);
        if all.len() == RUNTIMES {
            all.remove(0);
        }
        all.push((runtime, connection.clone()));
        Ok(connection)
    }
}

impl ConnectionLike for RedisConnection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(self.send(move |mut connection| {
            Box::pin(async move {
                // Errors of the server too, which decide where the command is sent again.
                let sent = connection.send_packed_command(command);
                sent.await?.extract_error()
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
mod tests;
