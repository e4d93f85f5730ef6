//! The keyring of a desktop: a real Secret Service on a bus of its own, and a bus that never answers.

use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::net::UnixListener;
use std::process::Command;
use std::time::{Duration, Instant};

use prancer_auth::store::{KeyringStore, conformance};
use prancer_auth_emulator::{Emulator, Operation};
use tempfile::TempDir;

use crate::binary::binary;
use crate::needs::needs;
use crate::person::{Person, Said, run};

/// A desktop: a folder for its files, and an emulator that its tools log in to.
pub(crate) struct Desktop {
    pub(crate) home: TempDir,
    pub(crate) emulator: Emulator,
}

/// A script within a session of a desktop, with a keyring that is open.
pub(crate) fn within(script: &str) -> Command {
    const OPEN: &str = "printf 'keyring password' | gnome-keyring-daemon --unlock --components=secrets > /dev/null";
    let mut command = Command::new("dbus-run-session");
    command
        .args(["--", "sh", "-euc", &format!("{OPEN}\n{script}")])
        .env("COMMAND", binary("prancer-auth"));
    command
}

impl Desktop {
    pub(crate) fn new() -> Self {
        Self {
            home: tempfile::tempdir().unwrap(),
            emulator: Emulator::start().unwrap(),
        }
    }

    pub(crate) fn run(&self, mut command: Command) -> (String, String) {
        let user = self.emulator.user();
        command
            .env("HOME", self.home.path())
            .env("XDG_RUNTIME_DIR", self.home.path())
            .env("STATE", self.home.path().join("state"))
            .env("DESKTOP", binary("desktop"))
            .env("PRANCER_PORTAL", self.emulator.url())
            .env("PRANCER_EMAIL", &user.email)
            .env("PRANCER_PASSWORD", user.password.expose())
            .env("PRANCER_CUSTOMER_ID", &user.customer_id);
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert!(output.status.success(), "{out}{err}");
        (out, err)
    }
}

#[test]
fn a_secret_service_keeps_the_session_from_one_run_to_the_next() {
    needs!("dbus-run-session", "gnome-keyring-daemon", "secret-tool");
    let desktop = Desktop::new();
    let script = r#"
        "$DESKTOP" "$STATE"
        "$DESKTOP" "$STATE"
        secret-tool search --all service inventory 2>&1 | grep -c '"generation": '
    "#;
    let (out, err) = desktop.run(within(script));
    let line = "200, with the session stored in ";
    assert_eq!(
        out.lines()
            .filter(|it| it.starts_with(line) && it.contains("the keyring, as"))
            .count(),
        2,
        "{out}{err}"
    );
    assert_eq!(out.lines().last(), Some("1"), "{out}{err}");
    assert_eq!(desktop.emulator.calls(Operation::Login), 1);
}

/// Says to this test, run again within a desktop's session, that it is there.
const WITHIN: &str = "WITHIN_A_DESKTOP_SESSION";

#[test]
fn a_keyring_passes_the_test_of_stores() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    if std::env::var_os(WITHIN).is_some() {
        let locks = tempfile::tempdir().unwrap();
        let open = async || {
            KeyringStore::new(
                "prancer-auth-test",
                "https://portal/|customer|user",
                locks.path(),
            )
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(conformance::check(open)).unwrap();
    }
    let script = r#"
        "$TEST" --exact keyrings::a_keyring_passes_the_test_of_stores
    "#;
    let mut command = within(script);
    command
        .env("TEST", std::env::current_exe().unwrap())
        .env(WITHIN, "yes");
    let (out, err) = Desktop::new().run(command);
    assert!(out.contains("1 passed"), "{out}{err}");
}

#[test]
fn the_command_keeps_its_session_in_the_keyring_where_there_is_one() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin 2>&1
        unset PRANCER_PASSWORD
        "$COMMAND" status
        "$COMMAND" api GET user/get/ --data
        "$COMMAND" logout 2>&1
        "$COMMAND" status || echo "status $?"
    "#;
    let (out, err) = desktop.run(within(script));
    let place = "saved to the keyring, as default of prancer-auth";
    assert!(out.contains(place), "{out}{err}");
    assert!(out.contains(r#""email":"user@example.com""#), "{out}{err}");
    assert!(out.trim_end().ends_with("status 4"), "{out}{err}");
    let state = desktop.home.path().join(".local/state/prancer-auth");
    assert!(!state.join("session.json").exists());
    assert_eq!(desktop.emulator.calls(Operation::Login), 1);
    assert_eq!(desktop.emulator.calls(Operation::Logout), 1);
}

#[test]
fn a_bus_that_never_answers_is_given_up_for_a_file() {
    let desktop = Desktop::new();
    let socket = desktop.home.path().join("bus");
    // Every connection waits for ever.
    let _listener = UnixListener::bind(&socket).unwrap();
    let mut command = Command::new(binary("desktop"));
    command.arg(desktop.home.path().join("state")).env(
        "DBUS_SESSION_BUS_ADDRESS",
        format!("unix:path={}", socket.display()),
    );
    let start = Instant::now();
    let (out, err) = desktop.run(command);
    assert!(err.contains("did not answer within 3 s"), "{err}");
    assert!(out.contains("state/session.json"), "{out}");
    assert!(start.elapsed() >= Duration::from_secs(3));
    assert!(desktop.home.path().join("state/session.json").exists());
}

/// A command whose bus never answers, and what tells whether it was asked.
fn at_a_silent_bus(person: &Person, arguments: &[&str]) -> (Said, bool) {
    let socket = person.home().join("bus");
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).unwrap();
    let mut command = person.command(arguments);
    let address = format!("unix:path={}", socket.display());
    command.env("DBUS_SESSION_BUS_ADDRESS", address);
    let said = run(command, "");
    listener.set_nonblocking(true).unwrap();
    (said, listener.accept().is_ok())
}

/// What a session in the keyring leaves behind in the folder of sessions.
fn had_a_keyring(person: &Person) {
    let file = person.session_file();
    let folder = file.parent().unwrap();
    let mut private = std::fs::DirBuilder::new();
    private.recursive(true).mode(0o700).create(folder).unwrap();
    std::fs::write(folder.join("session.keyring"), "").unwrap();
}

#[test]
fn a_bus_that_never_answers_is_asked_once_where_a_file_has_a_session() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let (said, asked) = at_a_silent_bus(&person, &["token"]);
    assert_eq!((said.code, said.err.as_str(), asked), (0, "", false));
    had_a_keyring(&person);
    // Once, and the session in the file is used.
    let (said, asked) = at_a_silent_bus(&person, &["token"]);
    assert_eq!((said.code, asked), (0, true), "{}", said.err);
    assert!(said.err.contains("warning: "), "{}", said.err);
    for _ in 0..2 {
        let (said, asked) = at_a_silent_bus(&person, &["token"]);
        assert_eq!((said.code, said.err.as_str(), asked), (0, "", false));
    }
}

#[test]
fn a_silent_keyring_may_hold_the_session_where_nothing_is_known() {
    for known in [false, true] {
        let person = Person::new();
        if known {
            had_a_keyring(&person);
        }
        // Waited for once; the next commands say so at once.
        for (command, expected) in [("token", true), ("status", false), ("token", false)] {
            let (said, asked) = at_a_silent_bus(&person, &[command]);
            assert_eq!((said.code, asked), (1, expected), "{}", said.err);
            assert!(said.err.contains("keyring"), "{}", said.err);
            assert!(said.err.contains("  next: "), "{}", said.err);
        }
        let (said, _) = at_a_silent_bus(&person, &["logout"]);
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(
            !said.err.to_lowercase().contains("not logged in"),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_session_in_the_keyring_is_found_without_the_folder_of_sessions() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin 2>&1
        unset PRANCER_PASSWORD
        export XDG_STATE_HOME=$HOME/another
        "$COMMAND" token > /dev/null && echo "token $?"
        "$COMMAND" status --check && echo "status $?"
        XDG_STATE_HOME=$HOME/third "$COMMAND" logout 2>&1
        "$COMMAND" logout 2>&1
    "#;
    let (out, err) = desktop.run(within(script));
    assert!(out.contains("token 0\nstatus 0\n"), "{out}{err}");
    assert!(out.trim_end().ends_with("Not logged in."), "{out}{err}");
    assert_eq!(desktop.emulator.calls(Operation::Logout), 1, "{out}{err}");
}

#[test]
fn no_logout_is_claimed_where_the_keyring_does_not_answer() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    had_a_keyring(&person);
    let (said, _) = at_a_silent_bus(&person, &["logout"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("keyring"), "{}", said.err);
    assert!(!said.err.contains("Not logged in"), "{}", said.err);
    // Nor where a session in a file was ended.
    let mut login = vec!["login", "--store", "file", "--password-stdin"];
    let url = emulator.url();
    login.extend(["--portal", &url, "--email", "user@example.com"]);
    login.extend(["--customer-id", "customer1"]);
    let password = "correct horse battery staple";
    assert_eq!(person.says(&login, password).code, 0);
    let (said, _) = at_a_silent_bus(&person, &["logout"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert_eq!(emulator.sessions(), 0);
}

#[test]
fn a_session_in_a_file_does_not_hide_one_in_the_keyring() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin 2>&1
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin --store file 2>&1
        unset PRANCER_PASSWORD
        "$COMMAND" token 2>&1 > /dev/null
        "$COMMAND" logout 2>&1
        "$COMMAND" logout 2>&1
    "#;
    let (out, err) = desktop.run(within(script));
    assert!(
        out.contains("the keyring also holds a session; using the one in "),
        "{out}{err}"
    );
    assert_eq!(desktop.emulator.calls(Operation::Logout), 2, "{out}{err}");
    assert!(out.trim_end().ends_with("Not logged in."), "{out}{err}");
}

#[test]
fn a_profile_of_the_keyring_alone_is_listed_and_ended_by_its_name() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin --profile prod-eu 2>&1
        unset PRANCER_PASSWORD
        "$COMMAND" profile list --names
        "$COMMAND" status --all
        "$COMMAND" logout --all 2>&1
    "#;
    let (out, err) = desktop.run(within(script));
    assert!(out.contains("\nprod-eu\n"), "{out}{err}");
    assert!(out.contains("prod-eu          logged in"), "{out}{err}");
    assert!(!out.contains("prod_eu"), "{out}{err}");
    assert_eq!(desktop.emulator.sessions(), 0, "{out}{err}");
    assert_eq!(desktop.emulator.calls(Operation::Logout), 1, "{out}{err}");
}

#[test]
fn a_profile_that_is_logged_in_with_the_keyring_is_not_removed() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin --profile work 2>/dev/null
        unset PRANCER_PASSWORD
        "$COMMAND" profile remove work 2>&1 || echo "remove $?"
        "$COMMAND" token --profile work > /dev/null; echo "token $?"
        "$COMMAND" logout --profile work 2>/dev/null
        echo "[profiles.work]" > "$HOME/config.toml"
        PRANCER_CONFIG=$HOME/config.toml "$COMMAND" profile remove work 2>&1
    "#;
    let (out, err) = desktop.run(within(script));
    assert!(
        out.contains("logout --profile work\nremove 1\n"),
        "{out}{err}"
    );
    assert!(out.contains("token 0\n"), "{out}{err}");
    assert_eq!(desktop.emulator.calls(Operation::Logout), 1, "{out}{err}");
    let state = desktop.home.path().join(".local/state/prancer-auth");
    assert!(!state.join("session-work.keyring").exists());
    let config = std::fs::read_to_string(desktop.home.path().join("config.toml"));
    assert!(!config.unwrap().contains("work"));
}

#[test]
fn no_profile_is_removed_while_the_keyring_does_not_answer() {
    let person = Person::new();
    let config = person.config("[profiles.default]\n");
    had_a_keyring(&person);
    let (said, _) = at_a_silent_bus(&person, &["profile", "remove", "default"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains("keyring"), "{}", said.err);
    assert!(
        std::fs::read_to_string(&config)
            .unwrap()
            .contains("default")
    );
    // One that keeps its session in a file has none there.
    person.config("[profiles.work]\nstore = \"file\"\n");
    let (said, asked) = at_a_silent_bus(&person, &["profile", "remove", "work"]);
    assert_eq!((said.code, asked), (0, false), "{}", said.err);
    assert!(!std::fs::read_to_string(config).unwrap().contains("work"));
}

#[test]
fn without_a_bus_a_login_to_a_file_serves_where_the_session_was_in_a_keyring() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    had_a_keyring(&person);
    let elsewhere = |arguments: &[&str]| {
        let mut command = person.command(arguments);
        command.env("XDG_RUNTIME_DIR", person.home());
        run(command, "correct horse battery staple")
    };
    let said = elsewhere(&["token"]);
    assert_eq!(said.code, 4, "{}", said.err);
    let next = "next: prancer-auth login --store file\n";
    assert!(said.err.ends_with(next), "{}", said.err);
    let said = elsewhere(&["logout"]);
    assert_eq!(said.code, 1, "{}", said.err);
    let url = emulator.url();
    let login = ["login", "--portal", &url, "--email", "user@example.com"];
    let login = [
        &login[..],
        &["--customer-id", "customer1", "--password-stdin"],
    ]
    .concat();
    for store in [&["--store", "file"][..], &[]] {
        let said = elsewhere(&[&login[..], store].concat());
        assert_eq!(said.code, 0, "{}", said.err);
    }
    let said = elsewhere(&["token"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    // What is in the keyring is not ended, and that is said.
    for command in [
        &["logout"][..],
        &["logout"],
        &["profile", "remove", "default"],
    ] {
        let said = elsewhere(command);
        assert_eq!(said.code, 0, "{}", said.err);
        let words = "a session that the keyring may hold is left";
        assert!(said.err.contains(words), "{}", said.err);
        assert_eq!(emulator.sessions(), 0);
    }
}

#[test]
fn a_machine_without_a_bus_falls_back_at_once() {
    let desktop = Desktop::new();
    let mut command = Command::new(binary("desktop"));
    command
        .arg(desktop.home.path().join("state"))
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere");
    let (out, err) = desktop.run(command);
    assert!(err.contains("in the keyring"), "{err}");
    assert!(out.contains("state/session.json"), "{out}");
}
