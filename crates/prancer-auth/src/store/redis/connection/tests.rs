//! Which connection a command goes over, seen from a server that misbehaves.

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
