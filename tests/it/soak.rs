//! The soak: two thousand callers of sessions in memory, in a file, in Redis and in a keyring, while everything goes wrong that can; then
//! peace, in which every session comes back, and the process has what it had at the start.
//!
//! `SOAK_SECONDS=120 cargo test -p tests --test it soak -- --nocapture` soaks for two minutes and prints what was counted; `SOAK_SEED` changes
//! what goes wrong.
//!
//! It runs in a process of its own, whose tasks, file descriptors and memory are its own, and twice: what the first, short round leaves
//! behind belongs to libraries, which make it once. What the second adds to it, is lost.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use prancer_auth::store::{FileStore, KeyringStore, MemoryStore, SessionStore};
use prancer_auth_emulator::Operation;
use tokio::runtime::{Builder, Runtime};

use crate::keyrings::within;
use crate::needs::is_there;
use crate::redis_server::RedisServer;
use crate::soak_group::{BEHIND, Group, Member, PEACE};
use crate::witness::end_of;

/// Says to the test below that it is the process.
const PROCESS: &str = "PRANCER_SOAK_PROCESS";
/// Says so, and that there is a keyring.
const KEYRING: &str = "with a keyring";
const CALLERS: usize = 2000;
/// Between two calls of one caller, at most.
const PAUSE: Duration = Duration::from_millis(800);
/// Between two things that go wrong, at most.
const PACE: Duration = Duration::from_millis(200);
/// What the allocator may hold for what was freed; a caller that lost a kilobyte a call would exceed it within seconds.
const SPARE_MEMORY: u64 = 32 << 20;

fn setting(name: &str, default: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(default, |said| said.parse().unwrap())
}

#[test]
fn after_all_that_can_go_wrong_every_session_comes_back_and_nothing_is_left_behind() {
    let home = tempfile::tempdir().unwrap();
    let process = r#""$SOAK" --exact soak::process --nocapture"#;
    let has_keyring = is_there("dbus-run-session") && is_there("gnome-keyring-daemon");
    let mut process = if has_keyring {
        within(process)
    } else {
        let mut shell = Command::new("sh");
        shell.args(["-euc", process]);
        shell
    };
    let process = process
        .env("SOAK", std::env::current_exe().unwrap())
        .env(PROCESS, if has_keyring { KEYRING } else { "1" })
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path());
    let output = process.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let lines = said.lines().filter(|it| it.starts_with("soak"));
    lines.for_each(|it| println!("{it}"));
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{failed}");
    assert!(said.contains("soak: round 2"), "{said}");
}

#[test]
fn process() {
    if std::env::var_os(PROCESS).is_none() {
        return;
    }
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let seconds = setting("SOAK_SECONDS", 4);
    let mut left = Vec::new();
    for (round, seconds) in [(1, seconds.min(4)), (2, seconds)] {
        let soak = Soak::new(setting("SOAK_SEED", 42) + round);
        runtime.block_on(soak.go(round, Duration::from_secs(seconds)));
        left.push(Left::now(&runtime));
    }
    println!("soak: left by each round: {left:?}");
    let [first, second] = left[..] else {
        panic!("two rounds")
    };
    assert_eq!((first.tasks, second.tasks), (0, 0), "tasks that live on");
    assert!(second.files <= first.files, "files, connections included");
    assert!(second.memory <= first.memory + SPARE_MEMORY, "memory");
}

/// What the process has.
#[derive(Debug, Clone, Copy)]
struct Left {
    tasks: usize,
    files: usize,
    memory: u64,
}

impl Left {
    /// Once it does not become less any more: connections and tasks end a moment after what they were for.
    fn now(runtime: &Runtime) -> Self {
        let now = || Self {
            tasks: runtime.metrics().num_alive_tasks(),
            files: fs::read_dir("/proc/self/fd").unwrap().count(),
            memory: resident(),
        };
        let (mut least, mut since) = (now(), Instant::now());
        while since.elapsed() < Duration::from_secs(2) {
            runtime.block_on(async { tokio::time::sleep(Duration::from_millis(50)).await });
            let it = now();
            if it.tasks < least.tasks || it.files < least.files {
                (least, since) = (it, Instant::now());
            }
        }
        least
    }
}

fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|it| it.starts_with("VmRSS:")).unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

/// What the callers have counted.
#[derive(Debug, Default)]
struct Counts {
    tokens: AtomicUsize,
    failures: AtomicUsize,
    requests: AtomicUsize,
    rejected: AtomicUsize,
}

struct Soak {
    chance: fastrand::Rng,
    groups: Vec<Group>,
    /// These end with it.
    _folder: tempfile::TempDir,
    _redis: Option<RedisServer>,
}

impl Soak {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut groups = vec![
            Group::new(MemoryStore::default()),
            Group::new(FileStore::new(folder.path().join("state/session.json"))),
        ];
        let redis = (is_there("redis-server") && is_there("redis-cli")).then(RedisServer::start);
        if let Some(redis) = &redis {
            groups.push(Group::new(
                redis.store(&groups[0].emulator, groups[0].emulator.user()),
            ));
        }
        if std::env::var_os(PROCESS).is_some_and(|it| it == KEYRING) {
            let account = format!("soak {seed}");
            groups.push(Group::new(KeyringStore::new(
                "prancer-auth-test",
                account,
                folder.path(),
            )));
        }
        Self {
            chance: fastrand::Rng::with_seed(seed),
            groups,
            _folder: folder,
            _redis: redis,
        }
    }

    async fn go(mut self, round: u64, time: Duration) {
        let (began, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
        let counts = Arc::<Counts>::default();
        let mut callers = Vec::new();
        for number in 0..CALLERS {
            let group = &self.groups[number % self.groups.len()];
            let member = Arc::clone(&group.members[number % group.members.len()]);
            let chance = self.chance.fork();
            let calls = calls(member, chance, Arc::clone(&counts), Arc::clone(&over));
            callers.push(tokio::spawn(calls));
        }
        let mut suffered = 0;
        while began.elapsed() < time {
            tokio::time::sleep(PACE.mul_f64(self.chance.f64())).await;
            let group = &self.groups[self.chance.usize(0..self.groups.len())];
            // Nothing hangs, whatever goes wrong.
            let suffers = tokio::time::timeout(PEACE, group.suffers(&mut self.chance)).await;
            assert!(suffers.is_ok(), "it hangs");
            suffered += 1;
        }
        over.store(true, Ordering::SeqCst);
        for caller in callers {
            caller.await.unwrap();
        }
        for group in &self.groups {
            group.is_at_peace().await;
            group.leaves_no_sessions_behind().await;
            let most = group.store.most();
            assert_eq!(most, 1, "exchanges at a time: {}", group.store.location());
            assert_eq!(group.store.holders(), 0);
        }
        assert!(counts.tokens.load(Ordering::SeqCst) > 0);
        let calls = |it| {
            self.groups
                .iter()
                .map(|group| group.emulator.calls(it))
                .sum::<u64>()
        };
        println!(
            "soak: round {round}, {} stores, {:.0?}: {suffered} troubles, {} logins, {} refreshes, {} logouts; {counts:?}",
            self.groups.len(),
            began.elapsed(),
            calls(Operation::Login),
            calls(Operation::Refresh),
            calls(Operation::Logout),
        );
    }
}

/// One caller: a token, and now and then a request.
async fn calls(
    member: Arc<Member>,
    mut chance: fastrand::Rng,
    counts: Arc<Counts>,
    over: Arc<AtomicBool>,
) {
    let count = |it: &AtomicUsize| {
        it.fetch_add(1, Ordering::Relaxed);
    };
    while !over.load(Ordering::SeqCst) {
        tokio::time::sleep(PAUSE.mul_f64(chance.f64())).await;
        let ended = member.ended.lock().unwrap().clone();
        let asked_at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        match member.session.token().await {
            Ok(token) => {
                count(&counts.tokens);
                assert!(!ended.contains(token.expose()), "a token that was ended");
                let end = Duration::from_secs(end_of(&token));
                let behind = Duration::from_millis(BEHIND.unsigned_abs());
                assert!(
                    end + behind > asked_at,
                    "a token that had expired: {end:?} at {asked_at:?}"
                );
            }
            Err(_) => count(&counts.failures),
        }
        if chance.u32(0..40) == 0 {
            match member.session.get("user/get/").send().await {
                Ok(answer) if answer.status() == StatusCode::OK => count(&counts.requests),
                _ => count(&counts.rejected),
            }
        }
    }
}
