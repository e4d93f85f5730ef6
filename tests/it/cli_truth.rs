//! The command tells the truth that is known: what was saved, what was rejected, what has expired.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc::channel};
use std::time::Duration;

use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;

use crate::binary::binary;
use crate::needs::{NAMESPACES, needs};
use crate::person::{Person, Said, run};
use crate::raw_server;

const PASSWORD: &str = "correct horse battery staple";

/// Waits for something that comes about on its own.
fn eventually(is_so: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("it does not come about");
}

/// A script of somebody who logs in, with sessions on a small disk of their own.
fn on_a_small_disk(person: &Person, emulator: &Emulator, script: &str) -> Said {
    let before = r#"
        state=$HOME/.local/state/prancer-auth
        mkdir -p -m 700 "$state"
        mount -t tmpfs -o size=64k,mode=700 tmpfs "$state"
        echo "$PASSWORD" | $COMMAND login --portal $URL --email user@example.com --customer-id customer1 --password-stdin 2>/dev/null
        echo "login $?"
    "#;
    let script = format!("{before}\n{script}");
    let mut command = std::process::Command::new("unshare");
    command
        .args(["--map-root-user", "--mount", "sh", "-uc", &script])
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap())
        .env("HOME", person.home())
        .env("PASSWORD", PASSWORD)
        .env("COMMAND", binary("prancer-auth"))
        .env("URL", emulator.url());
    run(command, "")
}

fn open_folder(person: &Person, mode: u32) {
    let file = person.session_file();
    let folder = file.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn nothing_is_asked_of_the_portal_that_could_not_be_saved() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    open_folder(&person, 0o755);
    let fails = |said: Said| {
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
        assert!(said.err.contains("next: chmod 700"), "{}", said.err);
    };
    fails(person.says(&["refresh"], ""));
    fails(person.logs_in(&emulator));
    // Nor where the token that there is has expired.
    person.expires();
    fails(person.says(&["token"], ""));
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    assert_eq!(emulator.calls(Operation::Login), 1);
    open_folder(&person, 0o700);
    assert_eq!(person.says(&["token"], "").code, 0);
}

#[test]
fn tokens_of_a_login_that_could_not_be_saved_are_ended_again() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    // The folder is there, and right when it is tried.
    person.logs_in(&emulator);
    person.says(&["logout"], "");
    let (logins, logouts) = (
        emulator.calls(Operation::Login),
        emulator.calls(Operation::Logout),
    );
    emulator.fail_next(Operation::Login, Fault::Late(Duration::from_secs(5)));
    let said = std::thread::scope(|scope| {
        let login = scope.spawn(|| person.logs_in(&emulator));
        eventually(|| emulator.calls(Operation::Login) > logins);
        open_folder(&person, 0o755);
        login.join().unwrap()
    });
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.err.contains("lives in this process only"),
        "{}",
        said.err
    );
    assert_eq!(emulator.calls(Operation::Logout), logouts + 1);
    assert_eq!(emulator.sessions(), 0);
}

#[test]
fn a_full_disk_spends_no_token_and_lets_a_logout_remove_the_session() {
    needs!(NAMESPACES);
    let emulator = Settings::default().rotation(true).start().unwrap();
    let person = Person::new();
    let script = r#"
        say() { echo "$1 $?"; }
        dd if=/dev/zero of="$state/full" bs=1k 2>/dev/null
        $COMMAND refresh; say refresh
        $COMMAND token > "$HOME/token"; say token
        $COMMAND logout; say logout
        test ! -e "$state/session.json"; say removed
    "#;
    let said = on_a_small_disk(&person, &emulator, script);
    assert_eq!(
        said.out, "login 0\nrefresh 1\ntoken 0\nlogout 0\nremoved 0\n",
        "{}",
        said.err
    );
    assert!(said.err.contains("next: free some space"), "{}", said.err);
    assert!(!said.err.contains("check --store"), "{}", said.err);
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    assert_eq!(emulator.sessions(), 0);
}

#[test]
fn a_session_whose_refresh_was_rejected_is_dead_for_every_command() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    emulator.revoke_all();
    assert_eq!(person.says(&["refresh"], "").code, 4);
    for arguments in [
        &["status", "--check"][..],
        &["status", "--check", "--verify"],
        &["token"],
        &["token", "--min-validity", "1h"],
        &["run", "--", "true"],
        &["refresh"],
    ] {
        let said = person.says(arguments, "");
        assert_eq!((said.code, said.out.as_str()), (4, ""), "{arguments:?}");
        assert!(
            said.err.contains("next: prancer-auth login"),
            "{}",
            said.err
        );
    }
    assert_eq!(emulator.calls(Operation::Refresh), 1, "it is asked once");
    let status = person.says(&["status"], "").out;
    assert!(status.contains("valid          expired"), "{status}");
    // Credentials bring another.
    let mut command = person.command(&["token"]);
    command
        .env("PRANCER_EMAIL", "user@example.com")
        .env("PRANCER_CUSTOMER_ID", "customer1")
        .env("PRANCER_PASSWORD", PASSWORD);
    let said = run(command, "");
    assert!(said.code == 0 && said.out.starts_with("ey"), "{}", said.err);
    assert_eq!(person.says(&["status", "--check"], "").code, 0);
}

#[test]
fn both_tokens_expired_is_said_to_be_expired() {
    let short = Duration::from_secs(1);
    let settings = Settings::default().login_lifetime(short);
    let emulator = settings.refresh_token_lifetime(short).start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    eventually(|| {
        let status = person.says(&["status", "--json"], "").out;
        status.contains(r#""state":"expired""#) && status.contains(r#""valid":false"#)
    });
}

#[test]
fn other_credentials_have_one_verdict_for_status_and_token() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    for variables in [
        &[("PRANCER_EMAIL", "other@example.com")][..],
        &[("PRANCER_CUSTOMER_ID", "customer2")],
        &[("PRANCER_TENANT", "t")],
        &[("PRANCER_COMPANY", "ABC")],
    ] {
        let says = |arguments: &[&str]| {
            let mut command = person.command(arguments);
            command.envs(variables.iter().copied());
            run(command, "")
        };
        let (token, status) = (says(&["token"]), says(&["status", "--check"]));
        assert_eq!((token.code, status.code), (4, 4), "{variables:?}");
        assert_eq!(token.err, status.err);
    }
}

#[test]
fn the_portal_is_asked_where_that_is_wanted() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let says = || person.says(&["status", "--verify"], "");
    assert!(says().out.contains("verified at the portal"));
    emulator.revoke_all();
    assert_eq!(person.says(&["status", "--check"], "").code, 0);
    assert_eq!(says().code, 4);
    assert_eq!(person.says(&["status", "--check"], "").code, 4);
}

#[test]
fn all_profiles_are_listed_with_how_they_stand() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    person.config("[profiles.staging]\nportal = \"https://staging.example\"\n");
    let said = person.says(&["status", "--all"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    let lines: Vec<_> = said.out.lines().collect();
    assert!(
        lines[0].starts_with("* default          logged in"),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("staging          not logged in"),
        "{lines:?}"
    );
}

#[test]
fn a_renewal_that_is_due_delays_no_command_and_is_made_all_the_same() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let refreshes = Arc::new(AtomicU64::new(0));
    let (counted, (go_on, wait)) = (Arc::clone(&refreshes), channel::<()>());
    let wait = Mutex::new(wait);
    let url = raw_server::serve(move |mut request| {
        counted.fetch_add(1, Ordering::Relaxed);
        // Silent until the test says so.
        wait.lock().unwrap().recv().unwrap();
        request.answers_json(
            r#"{"data": {"token": "renewed", "refresh_token": "next"}, "error": "", "message": "", "metadata": {}, "status": 200}"#,
        );
    });
    person.moves(&emulator.url(), &url);
    person.is_due();
    let token = tokens_of(&person);

    for _ in 0..3 {
        let said = person.says(&["token"], "");
        assert_eq!(
            (said.code, said.out.trim()),
            (0, token.as_str()),
            "{}",
            said.err
        );
    }
    eventually(|| refreshes.load(Ordering::Relaxed) == 1);
    assert_eq!(tokens_of(&person), token);
    go_on.send(()).unwrap();
    eventually(|| tokens_of(&person) == "renewed");
    assert_eq!(refreshes.load(Ordering::Relaxed), 1, "one for all of them");
}

#[test]
fn a_renewal_that_failed_waits_as_long_as_the_portal_says_whatever_is_typed() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let refreshes = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&refreshes);
    let url = raw_server::serve(move |mut request| {
        counted.fetch_add(1, Ordering::Relaxed);
        request.answers("HTTP/1.1 503 Unavailable\r\nretry-after: 1800\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    });
    person.moves(&emulator.url(), &url);
    person.is_due();
    assert_eq!(person.says(&["token"], "").code, 0);
    // Until when, the process says that has made it.
    let until = || {
        let text = fs::read_to_string(person.session_file().with_extension("ahead"));
        text.ok().and_then(|it| it.parse().ok()).unwrap_or(0)
    };
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.unwrap().as_secs();
    eventually(|| until() > now + 1000);
    let failed = refreshes.load(Ordering::Relaxed);
    for arguments in [&["token"][..], &["run", "--", "true"], &["token", "--json"]] {
        assert_eq!(person.says(arguments, "").code, 0);
    }
    assert!(until() > now + 1000);
    assert_eq!(refreshes.load(Ordering::Relaxed), failed);
}

#[test]
fn a_login_ends_the_session_that_it_replaces() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let person = Person::new();
    for (emulator, logouts) in [(&here, 0), (&here, 1), (&there, 2)] {
        let said = person.logs_in(emulator);
        assert_eq!(said.code, 0, "{}", said.err);
        assert_eq!(here.calls(Operation::Logout), logouts);
    }
    assert_eq!((here.sessions(), there.sessions()), (0, 1));
    // Where it cannot be ended, that is said.
    drop(there);
    let said = person.logs_in(&here);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err
            .contains("warning: the previous session was not ended at the portal: "),
        "{}",
        said.err
    );
}

fn tokens_of(person: &Person) -> String {
    let text = fs::read_to_string(person.session_file()).unwrap();
    let session: serde_json::Value = serde_json::from_str(&text).unwrap();
    session["tokens"]["access_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn only_an_answer_of_the_api_verifies_a_session() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let said = person.says(&["status", "--verify", "--json"], "");
    assert!(said.out.contains(r#""verified":true"#), "{}", said.out);
    let said = person.says(&["status", "--json"], "");
    assert!(said.out.contains(r#""verified":false"#), "{}", said.out);
    let url = raw_server::serve(|mut request| {
        let status = request.line.split('/').nth(1).unwrap().to_owned();
        request.answers(&format!(
            "HTTP/1.1 {status} Answer\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>"
        ));
    });
    let mut before = emulator.url();
    for (status, code) in [("200", 5), ("404", 5), ("403", 1), ("503", 5)] {
        let portal = format!("{url}/{status}");
        person.moves(&before, &portal);
        let said = person.says(&["status", "--verify"], "");
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{status}");
        let asked = format!("{portal}/api/user/get/");
        assert!(said.err.contains(&asked), "{}", said.err);
        assert!(said.err.contains("  next: "), "{}", said.err);
        before = portal;
    }
}

#[test]
fn a_logout_that_the_portal_did_not_hear_of_advises_nothing_that_cannot_work() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    for _ in 0..5 {
        let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE);
        emulator.fail_next(Operation::Logout, unavailable);
    }
    let said = person.says(&["logout"], "");
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(
        said.err.contains("stay valid until they expire"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("try again"), "{}", said.err);
    assert!(said.err.contains("change the password"), "{}", said.err);
}

#[test]
fn a_logout_whose_file_stays_says_that_the_portal_has_ended_the_session() {
    needs!(NAMESPACES);
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let script = r#"
        mount -o remount,ro "$state"
        $COMMAND logout; echo "logout $?"
    "#;
    let Said { out, err, .. } = on_a_small_disk(&person, &emulator, script);
    assert_eq!(out, "login 0\nlogout 1\n", "{err}");
    assert_eq!(emulator.sessions(), 0);
    assert!(err.contains("ended at the portal"), "{err}");
    assert!(err.contains("could not be removed"), "{err}");
    assert!(!err.contains("next try"), "{err}");
    let remedy = format!("  next: remove {}", person.session_file().display());
    assert!(err.contains(&remedy), "{err}");
}
