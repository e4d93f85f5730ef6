//! What a store costs: a load against the bare call, and how long processes that share a session wait when its token expires.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a benchmark fails by panicking, and prints what it measures"
)]

use std::io::{BufRead as _, BufReader, ErrorKind, Write as _, stdin};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use prancer_auth::store::{FileStore, RedisStore, SessionStore, StoredSession, StoredTokens};
use prancer_auth::{Credentials, Identity, Portal, Session, SessionBuilder};
use prancer_auth_emulator::{Operation, Settings};
use redis::AsyncCommands as _;
use serde_json::json;
use tempfile::TempDir;

const WHO: &str = "user@example.com";
const TOKEN_LENGTH: usize = 700;
/// The portal takes so long for an exchange.
const LATENCY: Duration = Duration::from_millis(20);

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    match arguments.iter().position(|it| it == "--worker") {
        Some(at) => runtime.block_on(worker(&arguments[at + 1], &arguments[at + 2])),
        None => runtime.block_on(async {
            loads().await;
            let counts: &[usize] = if once() { &[1] } else { &[1, 10, 100] };
            for workers in counts {
                waits(*workers, "file").await;
                waits(*workers, "redis").await;
            }
        }),
    }
}

/// One of many processes: says that it is there, waits for a line, gets a token, says how many microseconds that took.
async fn worker(portal: &str, store: &str) {
    let portal = Portal::new(portal).expect("a portal");
    let builder = Session::builder(portal.clone());
    let builder = match store.strip_prefix("file:") {
        Some(path) => builder.store(FileStore::new(path)),
        None => builder.store(RedisStore::open(store, &identity(&portal)).expect("a store")),
    };
    let session = builder.build().expect("a session");
    println!("ready");
    let mut line = String::new();
    stdin().read_line(&mut line).expect("a line");
    let start = Instant::now();
    session.token().await.expect("a token");
    println!("{}", start.elapsed().as_micros());
}

async fn waits(count: usize, kind: &str) {
    let lifetime = Duration::from_secs(1);
    let settings = Settings::default()
        .login_lifetime(lifetime)
        .rotation(true)
        .latency(LATENCY);
    let emulator = settings.start().expect("an emulator");
    let (portal, folder) = (Portal::new(&emulator.url()).expect("a portal"), folder());
    let credentials = Credentials::new(WHO, emulator.user().password.clone(), "customer1");
    let builder = Session::builder(portal.clone()).credentials(credentials);
    let server = Redis::start();
    let (first, store) = match (kind, &server) {
        ("file", _) => with_file(builder, folder.path()),
        (_, None) => return left_out("a session that processes share in Redis"),
        (_, Some(server)) => {
            let store = RedisStore::open(&server.url, &identity(&portal)).expect("a store");
            (builder.store(store), server.url.clone())
        }
    };
    let first = first.build().expect("a session");
    first.token().await.expect("a token");
    let mut workers: Vec<_> = (0..count)
        .map(|_| {
            let mut command = Command::new(std::env::current_exe().expect("this program"));
            command.args(["--worker", portal.base_url(), &store]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut process = command.spawn().expect("a worker");
            let output = BufReader::new(process.stdout.take().expect("its output"));
            (process, output)
        })
        .collect();
    let line = |(_, output): &mut (Child, BufReader<_>)| {
        let mut line = String::new();
        output.read_line(&mut line).expect("a line");
        line.trim().to_owned()
    };
    for worker in &mut workers {
        assert_eq!(line(worker), "ready");
    }
    tokio::time::sleep(lifetime).await;
    for (process, _) in &mut workers {
        let input = process.stdin.as_mut().expect("its input");
        input.write_all(b"go\n").expect("a line to a worker");
    }
    let mut waits: Vec<u64> = workers
        .iter_mut()
        .map(|worker| line(worker).parse().expect("a time"))
        .collect();
    for (process, _) in &mut workers {
        process.wait().expect("an end");
    }
    waits.sort_unstable();
    println!(
        "{}",
        json!({
            "waits": kind,
            "processes": count,
            "exchanges": emulator.calls(Operation::Refresh),
            "exchange_ms": LATENCY.as_millis() as u64,
            "wait_p50_ms": waits[count / 2] as f64 / 1000.0,
            "wait_p99_ms": waits[count * 99 / 100] as f64 / 1000.0,
        })
    );
}

fn with_file(builder: SessionBuilder, folder: &Path) -> (SessionBuilder, String) {
    let path = folder.join("state/session.json");
    let store = format!("file:{}", path.display());
    (builder.store(FileStore::new(path)), store)
}

fn identity(portal: &Portal) -> Identity {
    Identity::new(portal.to_string())
        .with_customer_id("customer1")
        .with_email(WHO)
}

async fn loads() {
    let portal = Portal::new(Portal::PUBLIC).expect("a portal");
    let token = "x".repeat(TOKEN_LENGTH);
    let day = Duration::from_secs(24 * 60 * 60);
    let (access, refresh) = (token.as_str().into(), token.as_str().into());
    let tokens = StoredTokens::new(access, refresh, SystemTime::now(), day);
    let session = StoredSession::new(identity(&portal), tokens);

    let folder = folder();
    let path = folder.path().join("state/session.json");
    let file = FileStore::new(&path);
    file.save(&session, 0).await.expect("a save");
    let bare = async || assert!(!std::fs::read(&path).expect("a file").is_empty());
    let store = async || assert!(file.load().await.expect("a load").is_some());
    compare("file", "read", 2000, bare, store).await;

    let Some(server) = Redis::start() else {
        return left_out("a load from Redis");
    };
    let redis = RedisStore::open(&server.url, &identity(&portal)).expect("a store");
    redis.save(&session, 0).await.expect("a save");
    let client = redis::Client::open(server.url.as_str()).expect("a client");
    let connection = client.get_multiplexed_async_connection().await;
    let connection = connection.expect("a connection");
    let mut other = connection.clone();
    let json = session.to_json().to_vec();
    let _: () = other.set("bare", json).await.expect("a set");
    let bare = async || {
        let got: Vec<u8> = connection.clone().get("bare").await.expect("a get");
        assert!(!got.is_empty());
    };
    let store = async || assert!(redis.load().await.expect("a load").is_some());
    compare("redis", "GET", 500, bare, store).await;
}

/// Both in turns, each going first as often as the other.
async fn compare(name: &str, call: &str, calls: u32, bare: impl AsyncFn(), store: impl AsyncFn()) {
    let (mut ratios, mut nanos) = (Vec::new(), (Vec::new(), Vec::new()));
    let (turns, calls) = if once() { (2, 1) } else { (61, calls) };
    for turn in 0..turns {
        let (of_bare, of_store) = if turn % 2 == 0 {
            let of_bare = time(calls, &bare).await;
            (of_bare, time(calls, &store).await)
        } else {
            let of_store = time(calls, &store).await;
            (time(calls, &bare).await, of_store)
        };
        // The first turn warms up.
        if turn > 0 {
            ratios.push(of_store / of_bare);
            nanos.0.push(of_bare);
            nanos.1.push(of_store);
        }
    }
    println!(
        "{}",
        json!({
            "load": name,
            "against": call,
            "bare_us": median(nanos.0) * 1e6,
            "load_us": median(nanos.1) * 1e6,
            "ratio_median": median(ratios),
        })
    );
}

async fn time(calls: u32, call: &impl AsyncFn()) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        call().await;
    }
    start.elapsed().as_secs_f64() / f64::from(calls)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

/// A Redis server that writes nothing to a disk.
struct Redis {
    url: String,
    process: Child,
}

impl Redis {
    /// None where there is no Redis on this machine.
    fn start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = free.local_addr().expect("a port").port();
        drop(free);
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
        command.args(["--save", "", "--appendonly", "no"]);
        let process = match command.stdout(Stdio::null()).spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => return None,
            process => process.expect("redis-server"),
        };
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::sleep(Duration::from_millis(10));
        }
        let url = format!("redis://127.0.0.1:{port}");
        Some(Self { url, process })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether `cargo test` runs this, for one iteration; `cargo bench` measures.
fn once() -> bool {
    !std::env::args().any(|it| it == "--bench")
}

/// Says what cannot be measured here.
fn left_out(of: &str) {
    println!("{}", json!({ "left_out": "redis-server", "of": of }));
}
