//! Planted secrets, searched for in all that the command prints and leaves behind, and in what others see of its processes.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
use serde_json::Value;

use crate::canaries::echoing;
use crate::needs::needs;
use crate::person::{Person, run};
use crate::portal::eventually;
use crate::raw_portal::{PASSWORD, RawPortal, good, token};
use crate::redis_server::RedisServer;

/// Where a secret stands in a command's output.
#[derive(Clone, Copy, PartialEq)]
enum Prints {
    Nothing,
    /// It is what the command is for.
    AccessToken,
    /// What the portal says is the result, whatever that is.
    Answer,
}
use Prints::{AccessToken, Answer, Nothing};

const COMMANDS: [(&str, Prints); 20] = [
    ("status", Nothing),
    ("login", Nothing),
    ("token", AccessToken),
    ("token --format header", AccessToken),
    ("status --json --verify", Nothing),
    ("status --all", Nothing),
    ("refresh", Nothing),
    ("api user/get/?key=canary-query", Answer),
    ("api POST user/get/ -f password=canary-field", Answer),
    ("api ..;/canary-path", Answer),
    ("run -- true", Nothing),
    ("run -- /nowhere/canary-argument", Nothing),
    ("proxy -- true", Nothing),
    ("proxy --listen 0.0.0.0:0 -- true", Nothing),
    ("profile list", Nothing),
    ("completions bash", Nothing),
    ("emulator --listen nowhere", Nothing),
    ("logout", Nothing),
    ("token --store redis//:canary-redis@h", Nothing),
    ("token --store redis://:canary-redis@127.0.0.1:1/", Nothing),
];

/// What is planted is looked for as it is and in base64. What somebody has typed is theirs.
fn shown(text: &str) -> Option<String> {
    let typed = ["canary-argument", "canary-path", "canary-field"];
    let text = typed
        .iter()
        .fold(text.to_owned(), |it, typed| it.replace(typed, ""));
    let encoded = BASE64_STANDARD_NO_PAD.encode(PASSWORD);
    let secrets = ["canary".to_owned(), encoded, "eyJhbGciOi".to_owned()];
    secrets.into_iter().find(|it| text.contains(it))
}

fn assert_hidden(text: &str, place: &str) {
    let shown = shown(text);
    assert!(shown.is_none(), "{shown:?} in {place}: {text}");
}

/// With its temporary files in a folder that does not exist, so that none can be written anywhere but beside the session.
fn command(person: &Person, portal: &str, line: &str) -> Command {
    let arguments: Vec<_> = line.split(' ').collect();
    let mut command = person.command(&arguments);
    command
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("TMPDIR", person.home().join("nowhere"))
        .env("PRANCER_PORTAL", portal)
        .env("PRANCER_EMAIL", "user@example.com")
        .env("PRANCER_CUSTOMER_ID", "customer1");
    command
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// Tokens are in the session's file, and nothing else is anywhere.
fn assert_left_nothing(person: &Person, after: &str) {
    let mut found = Vec::new();
    files(person.home(), &mut found);
    for file in found {
        let read = || {
            let bytes = fs::read(&file).ok()?;
            let mut text = String::from_utf8_lossy(&bytes).into_owned();
            if file == person.session_file() {
                for its_own in [token("canary-access"), token("canary-refresh")] {
                    text = text.replace(&its_own, "");
                }
            }
            Some(text)
        };
        // A renewal behind the scenes writes the session beside its file, and moves it there: that is gone a moment later.
        for _ in 0..100 {
            if read().as_deref().and_then(shown).is_none() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        if let Some(text) = read() {
            assert_hidden(&text, &format!("{} after {after}", file.display()));
        }
    }
}

#[test]
fn no_command_prints_or_leaves_a_secret_but_where_it_is_asked_for() {
    let times = AtomicUsize::new(0);
    let echo = move |request: &str| echoing(request, times.fetch_add(1, Ordering::SeqCst));
    let portals = [RawPortal::start(good), RawPortal::start(echo)];
    let urls = portals.iter().map(|it| (it.url(), ""));
    // Behind a proxy that is not there.
    let proxy = "http://user:canary-proxy@127.0.0.1:1";
    let urls = urls.chain([("https://portal.example".to_owned(), proxy)]);
    for (url, proxy) in urls {
        for (flags, color) in [("", "0"), (" --debug --verbose", "1")] {
            let person = Person::new();
            for (line, prints) in COMMANDS {
                // Before what is the command's own.
                let (first, rest) = line.split_once(" -- ").unwrap_or((line, ""));
                let rest = if rest.is_empty() {
                    String::new()
                } else {
                    format!(" -- {rest}")
                };
                let line = format!("{first}{flags}{rest}");
                let mut command = command(&person, &url, &line);
                command.env("PRANCER_PASSWORD", PASSWORD);
                command.envs([("HTTPS_PROXY", proxy), ("RUST_BACKTRACE", "full")]);
                command.env("CLICOLOR_FORCE", color);
                let mut said = run(command, "");
                if prints == AccessToken {
                    said.out = said.out.replace(&token("canary-access"), "");
                }
                if prints != Answer {
                    assert_hidden(&said.out, &format!("the output of {line}"));
                }
                assert!(!said.err.contains("panicked"), "{line}: {}", said.err);
                assert_hidden(&said.err, &format!("the errors of {line}"));
                assert_left_nothing(&person, &line);
            }
        }
    }
    // All of it was sent, all the same.
    let heard = portals.map(|it| it.heard().concat());
    for sent in [PASSWORD, "canary-access", "canary-refresh", "canary-field"] {
        assert!(heard.iter().all(|it| it.contains(sent)), "{sent}");
    }
}

/// A portal that is well, and silent on the while.
fn silent_at_times() -> (RawPortal, Arc<AtomicBool>) {
    let silent = Arc::new(AtomicBool::new(false));
    let is_silent = Arc::clone(&silent);
    let portal = RawPortal::start(move |request| {
        while is_silent.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        good(request)
    });
    (portal, silent)
}

fn of_process(id: u32, file: &str) -> String {
    let bytes = fs::read(format!("/proc/{id}/{file}")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Ends the process, whatever it does.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where core files are wanted.
fn start(of: Command, input: &str) -> Running {
    let mut command = Command::new("sh");
    let script = r#"ulimit -S -c unlimited && exec "$0" "$@""#;
    let variables = of
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)));
    command.env_clear().envs(variables).args(["-c", script]);
    command.arg(of.get_program()).args(of.get_args());
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::null());
    let mut child = streams.stderr(Stdio::null()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    Running(child)
}

#[tokio::test]
async fn a_command_in_flight_shows_no_secret_of_its_process_and_dumps_no_core() {
    let (portal, silent) = silent_at_times();
    let (url, person) = (portal.url(), Person::new());
    let login = "login --password-stdin";
    let input = format!("{PASSWORD}\n");
    assert_eq!(run(command(&person, &url, login), &input).code, 0);
    for line in [
        login,
        "refresh",
        "status --verify",
        "api user/get/",
        "logout",
    ] {
        let before = portal.heard().len();
        silent.store(true, Ordering::SeqCst);
        let running = start(command(&person, &url, line), &input);
        eventually(|| portal.heard().len() > before).await;
        let id = running.0.id();
        assert!(of_process(id, "cmdline").contains("prancer-auth"), "{line}");
        for file in ["cmdline", "environ", "comm"] {
            assert_hidden(&of_process(id, file), &format!("{file} of {line}"));
        }
        let limits = of_process(id, "limits");
        let core = limits
            .lines()
            .find(|it| it.starts_with("Max core file size"));
        assert_eq!(core.unwrap().split_whitespace().nth(4), Some("0"), "{line}");
        // Killed in the middle, it leaves no more.
        drop(running);
        assert_left_nothing(&person, line);
        silent.store(false, Ordering::SeqCst);
    }
}

#[test]
fn what_is_run_gets_the_access_token_or_the_gateways_url_and_no_more() {
    let (portal, person) = (RawPortal::start(good), Person::new());
    let script = "cat /proc/$$/environ; echo; echo then; cat /proc/$$/cmdline /proc/$PPID/cmdline";
    let runs = |line: &str, script: &str| {
        let mut command = command(&person, &portal.url(), line);
        command
            .env("PRANCER_PASSWORD", PASSWORD)
            .args(["--", "sh", "-c", script]);
        let said = run(command, "");
        assert_eq!(said.code, 0, "{}", said.err);
        said
    };
    let said = runs("run", script);
    let variable = format!("PRANCER_TOKEN={}", token("canary-access"));
    assert_eq!(said.out.matches(&variable).count(), 1, "{}", said.out);
    assert_hidden(&said.out.replace(&variable, ""), "what is run");

    let said = runs(
        "proxy --debug",
        &format!("{script}; echo; echo then; cat /proc/$PPID/environ"),
    );
    let parts: Vec<_> = said.out.split("\nthen\n").collect();
    let [child, lines, gateway] = parts[..] else {
        panic!("{}", said.out)
    };
    let (_, url) = child.split_once("PRANCER_PROXY=http://127.0.0.1:").unwrap();
    let capability = url.split('\0').next().unwrap().split_once('/').unwrap().1;
    assert_eq!(capability.len(), 64);
    assert_hidden(child, "the program behind the gateway");
    assert_hidden(lines, "the command lines");
    // What its caller has set there stays; only the caller's own processes see it.
    assert_hidden(&gateway.replace(PASSWORD, ""), "the gateway's environment");
    for (text, place) in [
        (lines, "lines"),
        (gateway, "environment"),
        (&said.err, "log"),
    ] {
        assert!(
            !text.contains(capability),
            "the capability is in the {place}"
        );
    }
    assert_left_nothing(&person, "proxy");
}

/// The processes of this person that renew ahead of need.
fn ahead(person: &Person) -> Option<u32> {
    let home = format!("HOME={}\0", person.home().display());
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let mut ids = entries.filter_map(|it| it.file_name().to_str()?.parse().ok());
    ids.find(|id| {
        of_process(*id, "cmdline").contains("--ahead") && of_process(*id, "environ").contains(&home)
    })
}

#[tokio::test]
async fn a_renewal_ahead_of_need_shows_no_password_of_a_store_to_all_users() {
    needs!("redis-server", "redis-cli");
    let (redis, person) = (RedisServer::start(), Person::new());
    let (portal, silent) = silent_at_times();
    let line = format!(
        "token --store redis://default:canary-redis@{}",
        redis.address()
    );
    let mut logs_in = command(&person, &portal.url(), &line);
    logs_in.env("PRANCER_PASSWORD", PASSWORD);
    assert_eq!(run(logs_in, "").code, 0);
    // This portal's tokens are old, so the first command has begun a renewal already: nothing but the store has a session, and it makes
    // the folder that it needs.
    let refreshes = || portal.calls("GET /api/refresh/token/");
    eventually(|| refreshes() == 1).await;
    eventually(|| ahead(&person).is_none()).await;
    // Of its 24 hours, two are left, as far as the store says: the token itself does not tell.
    let key = redis.keys(":session").remove(0);
    let mut session: Value = serde_json::from_str(&redis.cli(&["HGET", &key, "session"])).unwrap();
    let issued_at = session["tokens"]["issued_at_ms"].as_u64().unwrap() - 22 * 3_600_000;
    session["tokens"]["issued_at_ms"] = issued_at.into();
    session["tokens"]["lifetime_ms"] = (24 * 3_600_000).into();
    session["tokens"]["access_token"] = "canary-access".into();
    redis.cli(&["HSET", &key, "session", &session.to_string()]);

    silent.store(true, Ordering::SeqCst);
    let said = run(command(&person, &portal.url(), &line), "");
    assert_eq!(said.code, 0, "{}", said.err);
    eventually(|| refreshes() == 2).await;
    let id = ahead(&person).unwrap();
    assert_hidden(
        &of_process(id, "cmdline"),
        "the command line of the renewal",
    );
    silent.store(false, Ordering::SeqCst);
    // The renewal is saved in the store of the flag.
    let before = session["generation"].to_string();
    eventually(|| redis.cli(&["HGET", &key, "generation"]) != before).await;
}
