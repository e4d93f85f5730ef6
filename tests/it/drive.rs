//! The drive: twenty processes with one session, 2-second tokens, and a portal that rotates refresh tokens and ends a session whose spent
//! token comes again. Workers are stopped and killed at random, and Redis is down, paused and failed over.
//!
//! `DRIVE_SECONDS=120 cargo test -p tests --test it drive -- --nocapture` drives for two minutes each and prints what was counted;
//! `DRIVE_SEED` and `DRIVE_WORKERS` change the rest.
//!
//! # What counts as the client's fault
//!
//! One process logs in, and the workers have no credentials: a session that is lost stays lost, and every worker says so. All that a worker
//! says instead of having a token is counted, so what the client cannot help must not happen in a drive:
//!
//! - **Killed between asking and saving.** Who has spent a rotated refresh token and is killed before it has saved the new one takes the
//!   session with it, whatever it does; the README says so. So a victim is stopped first, and then the drive takes the store's lock: who does
//!   not hold the lock makes no exchange. Who does, goes on and is spared. The drives without rotation kill any worker, holders included.
//! - **Stopped for longer than a lock lasts.** Others go on then, with a token that the stopped one may have spent. So no worker is
//!   stopped for that long (10 s in Redis; for ever in a file, where others wait).
//! - **Redis is down.** Every worker goes on alone, and with rotation needs credentials for that, as the README says. So those workers have
//!   some, and what is counted is that no worker ever fails, and that what is stored in the end is good.
//!
//! A request that takes longer than its token lives (its worker was stopped in the middle) is answered with 401, and counted apart: `stale`.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use prancer_auth::store::{FileStore, SessionStore};
use prancer_auth_emulator::{Emulator, Operation, Settings};
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::failover::Failover;
use crate::fleet::{Fleet, Line};
use crate::needs::needs;
use crate::portal::builder;
use crate::redis_server::{self, RedisServer};

const LIFETIME: Duration = Duration::from_secs(2);
const LATENCY: Duration = Duration::from_millis(50);
/// How long the drive waits to see that a stopped worker does not hold the lock.
const PROBE: Duration = Duration::from_secs(2);
/// Between two faults, on average.
const PACE: Duration = Duration::from_millis(250);
/// The longest that a worker is stopped.
const STOP: Duration = Duration::from_millis(2500);
/// The longest that Redis is down at once.
const DOWN: Duration = Duration::from_millis(2500);
/// How long it may take until a store that is left in peace has a session that is good: much longer than it is left alone after a failure.
const PEACE: Duration = Duration::from_secs(60);

/// One drive at a time: each is enough for a machine.
static ROAD: Mutex<()> = Mutex::new(());

fn setting(name: &str, default: u64) -> u64 {
    let said = std::env::var(name).ok();
    said.map_or(default, |said| said.parse().unwrap())
}

/// A small generator of numbers that look random.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end).unwrap()).unwrap()
    }

    fn up_to(&mut self, time: Duration) -> Duration {
        time.mul_f64(f64::from(u32::try_from(self.below(1000)).unwrap() + 1) / 1000.0)
    }
}

struct Drive<'a> {
    name: &'a str,
    rotation: bool,
    emulator: Emulator,
    runtime: Runtime,
}

impl<'a> Drive<'a> {
    fn new(name: &'a str, rotation: bool) -> Self {
        let settings = Settings::default().rotation(rotation).reuse_detection(true);
        let settings = settings.login_lifetime(LIFETIME).refresh_lifetime(LIFETIME);
        // Long enough for faults to meet exchanges.
        let settings = settings.latency(if rotation { LATENCY } else { 4 * LATENCY });
        Self {
            name,
            rotation,
            emulator: settings.start().unwrap(),
            runtime: Runtime::new().unwrap(),
        }
    }

    /// Drives workers that have no credentials, with faults of their own alone.
    fn go(&self, place: &str, store: &impl SessionStore) {
        let _road = ROAD.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = || {
            let stored = self.runtime.block_on(store.load()).unwrap();
            stored.unwrap().generation
        };
        let before = generation();
        let mut chance = Chance(setting("DRIVE_SEED", 42));
        let workers = usize::try_from(setting("DRIVE_WORKERS", 20)).unwrap();
        let mut fleet = Fleet::start(&self.emulator, place, false, workers);
        let (began, mut killed, mut spared, mut stopped) = (Instant::now(), 0, 0, 0);
        let mut rounds = 0;
        while began.elapsed() < Duration::from_secs(setting("DRIVE_SECONDS", 4)) {
            sleep(chance.up_to(2 * PACE));
            fleet.wake();
            let index = chance.below(fleet.len());
            if chance.below(2) == 0 {
                fleet.stop(index, chance.up_to(STOP));
                stopped += 1;
            } else if !self.rotation {
                killed += self.kill_in_an_exchange(&mut fleet, &mut chance);
                rounds += 1;
            } else {
                fleet.stop(index, STOP);
                let lock = async { timeout(PROBE, store.lock()).await };
                match self.runtime.block_on(lock) {
                    Ok(lock) => {
                        fleet.replace(&[index]);
                        killed += 1;
                        drop(lock);
                    }
                    Err(_) => {
                        fleet.go_on(index);
                        spared += 1;
                    }
                }
            }
        }
        let lines = fleet.end();
        let (seconds, saved) = (began.elapsed().as_secs(), generation() - before);
        let exchanges = self.emulator.calls(Operation::Refresh);
        println!(
            "{}: {killed} killed, {spared} spared, {stopped} stopped in {seconds} s; {exchanges} exchanges for {saved} tokens",
            self.name
        );
        self.all_are_well(&lines, workers);
        assert_eq!(self.emulator.calls(Operation::Login), 1);
        assert_eq!(self.emulator.sessions(), 1, "sessions at the portal");
        assert!(exchanges > 0, "it was renewed");
        if self.rotation {
            assert_eq!(exchanges, saved, "one exchange for every token");
        }
        // Claims count in whole seconds, so that a token of two is sure to live for one, and its renewal is due after seven tenths of that
        // at the earliest. A holder that dies has asked in vain, once in a round.
        assert!(
            exchanges <= (seconds + 2) * 10 / 7 + rounds,
            "{exchanges} in {seconds} s and {rounds} rounds"
        );
    }

    /// Half of them die, where it can be while somebody asks the portal: half of the time, that is one of them.
    fn kill_in_an_exchange(&self, fleet: &mut Fleet, chance: &mut Chance) -> usize {
        let before = self.emulator.calls(Operation::Refresh);
        for _ in 0..PROBE.as_millis() {
            if self.emulator.calls(Operation::Refresh) > before {
                break;
            }
            sleep(Duration::from_millis(1));
        }
        let first = chance.below(2);
        let victims: Vec<_> = (first..fleet.len()).step_by(2).collect();
        fleet.replace(&victims);
        victims.len()
    }

    /// Every worker has said in the end that it is well, and none anything else before.
    fn all_are_well(&self, lines: &[Line], workers: usize) {
        let saying = |what: &'static str| lines.iter().filter(move |it| it.text.starts_with(what));
        let failed: Vec<_> = saying("error").chain(saying("unwell")).collect();
        let well = saying("well").count();
        let (stale, losses) = (saying("stale").count(), failed.len());
        let waits = saying("well").filter_map(|it| it.text.split(' ').nth(1)?.parse().ok());
        let longest: u64 = waits.max().unwrap_or_default();
        println!(
            "{}: {well} well, {losses} failures, {stale} stale; the longest wait was {longest} ms",
            self.name
        );
        for line in failed.iter().take(10) {
            let (worker, after) = (line.worker, line.after);
            println!("  worker {worker} after {after:.1?}: {}", line.text);
        }
        assert_eq!(losses, 0, "{}: failures of workers", self.name);
        assert_eq!(well, workers, "{}: workers that are well", self.name);
    }

    fn logs_in(&self, store: impl SessionStore) {
        let session = builder(&self.emulator).store(store).build().unwrap();
        self.runtime.block_on(async {
            session.login().await.unwrap();
            session.settled().await.unwrap();
        });
    }

    /// Whether the portal takes the access token that is stored.
    async fn is_stored(&self, store: &impl SessionStore) -> bool {
        // A store that has just come back may fail once more.
        let session = store.load().await.ok().flatten();
        let Some(tokens) = session.and_then(|it| it.tokens) else {
            return false;
        };
        let url = format!("{}/api/user/get/", self.emulator.url());
        let request = reqwest::Client::new().get(url);
        let request = request.bearer_auth(tokens.access_token.expose());
        request.send().await.unwrap().status() == 200
    }

    fn on_a_file(&self) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/session.json");
        let store = FileStore::new(&path);
        self.logs_in(store.clone());
        self.go(Path::to_str(&path).unwrap(), &store);
    }

    fn on_redis(&self) {
        let server = RedisServer::start();
        let _within = self.runtime.enter();
        let store = server.store(&self.emulator, self.emulator.user());
        self.logs_in(store.clone());
        self.go(&server.url(), &store);
    }
}

#[test]
fn nobody_loses_a_session_in_a_file_where_workers_are_stopped_and_killed() {
    Drive::new("file", true).on_a_file();
}

#[test]
fn nobody_loses_a_session_in_a_file_where_holders_of_the_lock_are_killed() {
    Drive::new("file, without rotation", false).on_a_file();
}

#[test]
fn nobody_loses_a_session_in_redis_where_workers_are_stopped_and_killed() {
    needs!("redis-server", "redis-cli");
    Drive::new("redis", true).on_redis();
}

#[test]
fn nobody_loses_a_session_in_redis_where_holders_of_the_lock_are_killed() {
    needs!("redis-server", "redis-cli");
    Drive::new("redis, without rotation", false).on_redis();
}

#[test]
fn nobody_fails_where_redis_is_killed_paused_and_failed_over() {
    needs!("redis-server", "redis-cli");
    let drive = Drive::new("redis down", true);
    let _road = ROAD.lock().unwrap_or_else(PoisonError::into_inner);
    let mut redis = Failover::start();
    let workers = usize::try_from(setting("DRIVE_WORKERS", 20)).unwrap();
    let mut fleet = Fleet::start(&drive.emulator, &redis.url(), true, workers);
    let mut chance = Chance(setting("DRIVE_SEED", 42));
    let (began, mut faults) = (Instant::now(), [0; 4]);
    while began.elapsed() < Duration::from_secs(setting("DRIVE_SECONDS", 4)) {
        sleep(chance.up_to(8 * PACE));
        fleet.wake();
        let fault = chance.below(faults.len());
        faults[fault] += 1;
        match fault {
            0 => {
                redis.leader().kill();
                sleep(chance.up_to(DOWN));
                redis.leader().start_again();
            }
            1 => {
                redis.leader().pause();
                sleep(chance.up_to(DOWN));
                redis.leader().go_on();
            }
            2 if redis.is_in_step() => redis.fail_over(),
            _ => fleet.stop(chance.below(workers), chance.up_to(STOP)),
        }
    }
    // Left in peace, somebody keeps a session that is good.
    let _within = drive.runtime.enter();
    let store = redis_server::open(&redis.url(), &drive.emulator, drive.emulator.user());
    let is_stored = async {
        while !drive.is_stored(&store).await {
            fleet.wake();
            tokio::time::sleep(PACE).await;
        }
    };
    let is_stored = drive
        .runtime
        .block_on(async { timeout(PEACE, is_stored).await });
    let logins = drive.emulator.calls(Operation::Login);
    let lines = fleet.end();
    println!("redis down: {faults:?} faults; {logins} logins");
    drive.all_are_well(&lines, workers);
    assert!(is_stored.is_ok(), "what is stored is good in the end");
}
