//! Many processes with one session: one exchange for all of them, and nothing lost when one of them is killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use prancer_auth::Session;
use prancer_auth::store::{FileStore, RedisStore, SessionStore as _};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use crate::binary::binary;
use crate::needs::{self, needs};
use crate::person::Person;
use crate::portal::{builder, credentials, portal};
use crate::redis_server::RedisServer;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);
/// As soon as others go on when a worker is killed in the middle of a renewal.
const LOCK_EXPIRY: &str = "0.3";

fn environment(command: &mut Command, emulator: &Emulator) {
    let user = emulator.user();
    command
        .env("PRANCER_PORTAL", emulator.url())
        .env("PRANCER_EMAIL", &user.email)
        .env("PRANCER_PASSWORD", user.password.expose())
        .env("PRANCER_CUSTOMER_ID", &user.customer_id);
}

/// A process that calls an API for every line.
struct Worker {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Worker {
    fn start(emulator: &Emulator, server: &RedisServer) -> Self {
        let mut command = Command::new(binary("fleet"));
        command.arg(server.url());
        Self::spawn(command, emulator)
    }

    /// One whose lock is soon free when it is killed.
    fn start_mortal(emulator: &Emulator, server: &RedisServer) -> Self {
        let mut command = Command::new(binary("fleet"));
        command.args([&server.url(), LOCK_EXPIRY]);
        Self::spawn(command, emulator)
    }

    fn spawn(mut command: Command, emulator: &Emulator) -> Self {
        environment(&mut command, emulator);
        let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = streams.spawn().unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
        }
    }

    /// The same in a network of its own, from which two sockets lead to the portal and to Redis.
    fn start_apart(emulator: &Emulator, sockets: &Path) -> Self {
        let mut command = Command::new("unshare");
        command.args([
            "--net",
            "--map-root-user",
            "--pid",
            "--fork",
            "--kill-child",
        ]);
        let script = r#"
            ip link set lo up
            port="${PRANCER_PORTAL##*:}"
            socat "TCP-LISTEN:$port,bind=127.0.0.1,fork" "UNIX-CONNECT:$SOCKETS/portal" &
            until socat -u OPEN:/dev/null "TCP:127.0.0.1:$port" 2> /dev/null; do sleep 0.1; done
            exec "$WORKER" "redis+unix://$SOCKETS/redis"
        "#;
        command.args(["sh", "-euc", script]);
        command
            .env("SOCKETS", sockets)
            .env("WORKER", binary("fleet"));
        Self::spawn(command, emulator)
    }

    fn ask(&mut self) {
        self.input.write_all(b"user/get/\n").unwrap();
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim().to_owned()
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn all_answer(workers: &mut [Worker]) {
    for worker in &mut *workers {
        worker.ask();
    }
    for worker in workers {
        assert_eq!(worker.answer(), "200");
    }
}

fn redis_session(emulator: &Emulator, server: &RedisServer) -> Session {
    let user = emulator.user();
    let store = RedisStore::open(
        &server.url(),
        &credentials(user).identity(&portal(emulator)),
    );
    let builder = builder(emulator).credentials(credentials(user));
    builder.store(store.unwrap()).build().unwrap()
}

#[test]
fn a_hundred_processes_on_one_file_cross_an_expiry_with_one_exchange() {
    let settings = Settings::default().login_lifetime(SECOND).rotation(true);
    let emulator = settings.start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    std::thread::sleep(SECOND);
    let all_at_once = |arguments: &[&str]| {
        let start = |_| {
            let mut command = person.command(arguments);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let started: Vec<_> = (0..100).map(start).collect();
        let ended = started.into_iter().map(|it| it.wait_with_output().unwrap());
        ended
            .map(|it| {
                assert!(
                    it.status.success(),
                    "{}",
                    String::from_utf8_lossy(&it.stderr)
                );
                it.stdout
            })
            .collect::<Vec<_>>()
    };
    // Everybody sees by the clock that the token has expired.
    let tokens = all_at_once(&["token"]);
    assert!(tokens.iter().all(|token| *token == tokens[0]));
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    // Everybody is told so by the portal.
    emulator.advance(2 * DAY);
    all_at_once(&["api", "GET", "user/get/"]);
    assert_eq!(emulator.calls(Operation::Refresh), 2);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn three_groups_of_thirty_processes_on_one_redis_cross_an_expiry_with_one_exchange() {
    needs!("redis-server");
    for rotation in [false, true] {
        let settings = Settings::default()
            .login_lifetime(SECOND)
            .rotation(rotation);
        let (emulator, server) = (settings.start().unwrap(), RedisServer::start());
        redis_session(&emulator, &server).token().await.unwrap();
        let start = |_| Worker::start(&emulator, &server);
        let mut workers: Vec<_> = (0..90).map(start).collect();
        cross_twice(&emulator, &mut workers).await;
    }
}

/// They find the token expired by their clocks, then refused by the portal: one exchange each time.
async fn cross_twice(emulator: &Emulator, workers: &mut [Worker]) {
    tokio::time::sleep(SECOND).await;
    all_answer(workers);
    assert_eq!(emulator.calls(Operation::Refresh), 1, "by the clock");
    emulator.advance(2 * DAY);
    all_answer(workers);
    assert_eq!(emulator.calls(Operation::Refresh), 2, "by the portal");
    assert_eq!(emulator.calls(Operation::Login), 1);
}

/// Two ways that lead into every network: to the portal and to Redis.
struct Ways(Vec<Child>);

impl Ways {
    fn open(sockets: &Path, emulator: &Emulator, server: &RedisServer) -> Self {
        let way = |name: &str, url: String| {
            let from = format!(
                "UNIX-LISTEN:{},fork,backlog=1024",
                sockets.join(name).display()
            );
            let to = format!("TCP:{}", url.split_once("://").unwrap().1);
            Command::new("socat").args([from, to]).spawn().unwrap()
        };
        Self(vec![
            way("portal", emulator.url()),
            way("redis", server.url()),
        ])
    }
}

impl Drop for Ways {
    fn drop(&mut self) {
        for way in &mut self.0 {
            let _ = way.kill();
            let _ = way.wait();
        }
    }
}

#[tokio::test]
async fn ninety_networks_with_one_redis_cross_an_expiry_with_one_exchange() {
    needs!("redis-server", "socat", "ip", needs::NAMESPACES);
    let settings = Settings::default().login_lifetime(SECOND).rotation(true);
    let (emulator, server) = (settings.start().unwrap(), RedisServer::start());
    redis_session(&emulator, &server).token().await.unwrap();
    let sockets = tempfile::tempdir().unwrap();
    let _ways = Ways::open(sockets.path(), &emulator, &server);
    let start = |_| Worker::start_apart(&emulator, sockets.path());
    let mut workers: Vec<_> = (0..90).map(start).collect();
    cross_twice(&emulator, &mut workers).await;
}

#[tokio::test]
async fn a_process_that_is_killed_at_any_moment_leaves_a_whole_file_and_no_lock() {
    const KILLS: u32 = 140;
    let emulator = Settings::default().rotation(true).start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    let store = FileStore::new(person.session_file());
    let command = |arguments: &[&str]| {
        let mut command = person.command(arguments);
        environment(&mut command, &emulator);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let start = std::time::Instant::now();
    assert!(command(&["refresh"]).status().unwrap().success());
    let whole = start.elapsed();
    let (mut before, mut renewed) = (store.load().await.unwrap().unwrap().generation, 0);
    for kill in 0..KILLS {
        let mut process = command(&["refresh"]).spawn().unwrap();
        // From the first moment to the last, evenly.
        std::thread::sleep(whole * kill / KILLS);
        process.kill().unwrap();
        process.wait().unwrap();
        let after = store.load().await.unwrap().unwrap();
        assert!(after.tokens.is_some() && after.generation >= before);
        renewed += u64::from(after.generation > before);
        before = after.generation;
        if kill % 10 == 0 {
            // The next one goes on, with the credentials where the refresh token was spent in vain.
            assert!(command(&["refresh"]).status().unwrap().success());
            before = store.load().await.unwrap().unwrap().generation;
        }
    }
    assert!(renewed < u64::from(KILLS), "no process was killed in time");
    let lock = tokio::time::timeout(SECOND, store.lock()).await;
    lock.unwrap().unwrap();
}

#[test]
fn a_worker_that_is_killed_at_any_moment_keeps_no_other_waiting_beyond_its_lock() {
    needs!("redis-server");
    const KILLS: u32 = 70;
    let emulator = Settings::default().rotation(true).start().unwrap();
    let server = RedisServer::start();
    let mut worker = Worker::start_mortal(&emulator, &server);
    all_answer(std::slice::from_mut(&mut worker));
    for kill in 0..KILLS {
        let mut next = Worker::start_mortal(&emulator, &server);
        emulator.advance(8 * DAY);
        // Every third one dies while the portal is at it, the others at any moment of it all.
        if kill % 3 == 0 {
            emulator.fail_next(Operation::Refresh, Fault::Late(SECOND));
        }
        worker.ask();
        std::thread::sleep(Duration::from_millis(20) * kill / KILLS);
        worker.kill();
        next.ask();
        assert_eq!(next.answer(), "200");
        worker = next;
    }
    let calls = emulator.calls(Operation::Refresh);
    assert!(calls >= u64::from(KILLS), "{calls} renewals");
}
