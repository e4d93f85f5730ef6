//! Stores that are down for a while, or for good: no session fails that has a good token.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use prancer_auth::Error;
use prancer_auth::store::RedisStore;
use prancer_auth_emulator::{Emulator, Operation};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::binary::binary;
use crate::needs::{self, needs};
use crate::person::Person;
use crate::portal::{builder, credentials, portal};
use crate::redis_server::RedisServer;

const MOMENT: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_fails_while_redis_is_paused_killed_and_started_again() {
    needs!("redis-server", "redis-cli");
    let emulator = Emulator::start().unwrap();
    let mut server = RedisServer::start();
    let identity = credentials(emulator.user()).identity(&portal(&emulator));
    let store = RedisStore::open(&server.url(), &identity).unwrap();
    let name = format!("prancer-auth:{{{identity}}}:session");
    let session = builder(&emulator).store(store).build().unwrap();
    session.token().await.unwrap();
    assert!(!server.cli(&["HGET", &name, "session"]).is_empty());

    let (done, calls) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU64::new(0)),
    );
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (session, done, calls) = (session.clone(), Arc::clone(&done), Arc::clone(&calls));
        callers.spawn(async move {
            while !done.load(Ordering::Relaxed) {
                session.token().await?;
                calls.fetch_add(1, Ordering::Relaxed);
                sleep(MOMENT).await;
            }
            Ok::<_, Error>(())
        });
    }
    server.pause();
    sleep(4 * SECOND).await;
    server.go_on();
    sleep(SECOND).await;
    server.kill();
    sleep(2 * SECOND).await;
    server.start_again();
    sleep(SECOND).await;
    server.kill();
    server.lose_data();
    server.start_again();
    // It is stored again: at once, or when the store was left alone for its while.
    let stored = async {
        while server.cli(&["HGET", &name, "session"]).is_empty() {
            sleep(100 * MOMENT).await;
        }
    };
    tokio::time::timeout(60 * SECOND, stored).await.unwrap();
    done.store(true, Ordering::Relaxed);
    for caller in callers.join_all().await {
        caller.unwrap();
    }
    assert!(calls.load(Ordering::Relaxed) > 1000);
    assert_eq!(emulator.calls(Operation::Login), 1);
    assert_eq!(emulator.calls(Operation::Refresh), 0);
}

/// Runs a script as root of file systems of its own, with the command's folder in `$STATE`.
fn in_own_file_system(person: &Person, script: &str) -> (bool, String) {
    let mut command = Command::new("unshare");
    command.args(["--mount", "--map-root-user", "sh", "-euc", script]);
    command
        .env("HOME", person.session_file().ancestors().nth(4).unwrap())
        .env("STATE", person.session_file().parent().unwrap())
        .env("COMMAND", binary("prancer-auth"));
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn a_full_disk_leaves_the_old_session_whole_and_spends_no_token() {
    needs!(needs::NAMESPACES);
    let emulator = Emulator::start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    let script = r#"
        cp "$STATE/session.json" "$HOME/old"
        mount -t tmpfs -o size=16k,mode=0700 tmpfs "$STATE"
        cp -p "$HOME/old" "$STATE/session.json"
        dd if=/dev/zero of="$STATE/filler" bs=1k 2> /dev/null || true
        ! "$COMMAND" refresh
        cmp "$HOME/old" "$STATE/session.json"
        test "$(ls -A "$STATE" | wc -l)" -le 4
    "#;
    let (done, said) = in_own_file_system(&person, script);
    assert!(done, "{said}");
    assert!(said.contains("cannot write"), "{said}");
    assert_eq!(emulator.calls(Operation::Refresh), 0);
}

#[test]
fn a_read_only_folder_is_read_from() {
    needs!(needs::NAMESPACES);
    let emulator = Emulator::start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    let script = r#"
        mount --bind "$STATE" "$STATE"
        mount -o remount,bind,ro "$STATE"
        "$COMMAND" token > /dev/null
        ! "$COMMAND" refresh
    "#;
    let (done, said) = in_own_file_system(&person, script);
    assert!(done, "{said}");
    assert!(said.contains("Read-only file system"), "{said}");
    assert!(!said.contains("eyJ"), "{said}");
}
