//! Tokens that came and could not be saved: the command says so, and fails.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;

use crate::needs::needs;
use crate::person::{Person, Said, run};
use crate::portal::eventually;
use crate::redis_server::RedisServer;

const PASSWORD: &str = "correct horse battery staple";

/// The folder of sessions is right when it is tried, and wrong when the portal has answered.
async fn unsaved(
    emulator: &Emulator,
    person: &Person,
    operation: Operation,
    arguments: &[&str],
) -> Said {
    let calls = emulator.calls(operation);
    emulator.fail_next(operation, Fault::Late(Duration::from_secs(5)));
    let command = person.command(arguments);
    let said = tokio::task::spawn_blocking(move || run(command, PASSWORD));
    eventually(|| emulator.calls(operation) > calls).await;
    let file = person.session_file();
    let folder = file.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    said.await.unwrap()
}

#[tokio::test]
async fn a_renewal_that_could_not_be_saved_fails_every_command_that_made_it() {
    let commands = [&["refresh"][..], &["token"], &["api", "user/get/"]];
    let all = commands.map(async |arguments| {
        let settings = Settings::default().rotation(true);
        let (emulator, person) = (settings.start().unwrap(), Person::new());
        person.logs_in(&emulator);
        person.expires();
        let said = unsaved(&emulator, &person, Operation::Refresh, arguments).await;
        assert_eq!(said.code, 1, "{arguments:?}: {}", said.err);
        let words = ["lives in this process only", "stay valid until they expire"];
        assert!(words.iter().all(|it| said.err.contains(it)), "{}", said.err);
        // Who asked the API has its answer.
        let answered = said.out.contains("user@example.com");
        assert_eq!(answered, arguments[0] == "api", "{}", said.out);
        assert!(!said.out.contains("eyJ"), "{}", said.out);
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn tokens_of_a_login_that_could_not_be_ended_again_are_said_to_live() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    person.says(&["logout"], "");
    for _ in 0..5 {
        let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE);
        emulator.fail_next(Operation::Logout, unavailable);
    }
    let url = emulator.url();
    let login = ["login", "--portal", &url, "--password-stdin"];
    let said = unsaved(&emulator, &person, Operation::Login, &login).await;
    assert_eq!(said.code, 1, "{}", said.err);
    let words = "could not be ended at the portal, so they stay valid";
    assert!(said.err.contains(words), "{}", said.err);
    assert_eq!(emulator.sessions(), 1);
}

/// Somebody whose session is in Redis.
fn in_redis(redis: &RedisServer, emulator: &Emulator) -> Person {
    let person = Person::new();
    person.config(&format!(
        "[profiles.default]\nportal = \"{}\"\nemail = \"user@example.com\"\ncustomer_id = \"customer1\"\nstore = \"{}\"\n",
        emulator.url(),
        redis.url()
    ));
    let said = person.says(&["login", "--password-stdin"], PASSWORD);
    assert_eq!(said.code, 0, "{}", said.err);
    person
}

#[tokio::test]
async fn redis_that_goes_during_a_renewal_loses_the_session_loudly() {
    needs!("redis-server");
    let (redis, emulator) = (RedisServer::start(), Emulator::start().unwrap());
    let person = in_redis(&redis, &emulator);
    emulator.fail_next(Operation::Refresh, Fault::Late(Duration::from_secs(2)));
    let command = person.command(&["refresh"]);
    let said = tokio::task::spawn_blocking(move || run(command, ""));
    eventually(|| emulator.calls(Operation::Refresh) == 1).await;
    drop(redis);
    let said = said.await.unwrap();
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("this process only"), "{}", said.err);
    for command in ["token", "status", "refresh", "logout"] {
        let said = person.says(&[command], "");
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{command}");
        assert!(said.err.contains("next: check --store"), "{}", said.err);
    }
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::Logout), 0);
}

#[test]
fn a_logout_from_a_store_that_is_read_only_advises_what_can_be_done() {
    needs!("redis-server", "redis-cli");
    let (redis, emulator) = (RedisServer::start(), Emulator::start().unwrap());
    let person = in_redis(&redis, &emulator);
    // Of a server that is not there: it can be read all the same.
    redis.cli(&["REPLICAOF", "127.0.0.1", "1"]);
    let said = person.says(&["logout"], "");
    assert_eq!(said.code, 1, "{}", said.err);
    let next = "next: when the store answers again: prancer-auth logout\n";
    assert!(said.err.ends_with(next), "{}", said.err);
}
