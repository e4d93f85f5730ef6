//! What the command prints: every help, status, error and shape of JSON, held as it is in files beside this one.
//!
//! `SNAPSHOTS=overwrite cargo xtask test` writes them anew.

use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use snapbox::Assert;
use snapbox::data::{Data, DataFormat};

use crate::person::{Person, Said};

/// What differs from run to run, in words.
fn steady(text: &str, emulator: &Emulator, person: &Person) -> String {
    let home = person.session_file();
    let home = home.ancestors().nth(4).unwrap().display().to_string();
    let mut steady = text
        .replace(&emulator.url(), "http://PORTAL")
        .replace(&home, "HOME")
        // Which comes first depends on what else is built with the emulator.
        .replace(
            r#""email":"user@example.com","customer_id":"customer1""#,
            r#""customer_id":"customer1","email":"user@example.com""#,
        );
    for (start, end, word) in [
        ("\"expires_at\":\"", "\"", "TIME"),
        ("\"access_token\":\"ey", "\"", "TOKEN"),
        ("\"token\":\"ey", "\"", "TOKEN"),
        ("\"SessionToken\":\"ey", "\"", "TOKEN"),
        ("\"SecretAccessKey\":\"ey", "\"", "TOKEN"),
        ("PRANCER_TOKEN='ey", "'", "TOKEN"),
        ("EXPIRES_AT='", "'", "TIME"),
        ("\"Expiration\":\"", "\"", "TIME"),
        ("\"expirationTimestamp\":\"", "\"", "TIME"),
        ("\"valid_for_s\":", ",", "SECONDS"),
        ("\"renews_in_s\":", ",", "SECONDS"),
        ("renewal        in about ", "\n", "TIME"),
        (" (3", " characters)", "NN"),
        ("the next try is in ", " s", "N"),
    ] {
        let mut from = 0;
        while let Some(at) = steady[from..].find(start).map(|at| from + at + start.len()) {
            let length = steady[at..].find(end).unwrap_or(0);
            steady.replace_range(at..at + length, word);
            from = at;
        }
    }
    steady
}

fn same(name: &str, text: &str) {
    let path = format!("it/cli/{name}.txt");
    let expected = Data::read_from(path.as_ref(), Some(DataFormat::Text));
    Assert::new()
        .action_env("SNAPSHOTS")
        .eq(Data::text(text.to_owned()), expected);
}

fn shown(said: &Said) -> String {
    format!(
        "exit {}\n--- out\n{}--- err\n{}",
        said.code, said.out, said.err
    )
}

#[test]
fn every_help_is_as_it_was() {
    let person = Person::new();
    same("help", &person.says(&["--help"], "").out);
    for command in [
        "login",
        "token",
        "status",
        "refresh",
        "logout",
        "api",
        "run",
        "proxy",
        "profile",
        "emulator",
        "completions",
    ] {
        let said = person.says(&[command, "--help"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        same(&format!("help-{command}"), &said.out);
    }
}

#[test]
fn every_result_is_as_it_was() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let held = |name: &str, said: &Said| same(name, &steady(&shown(said), &emulator, &person));
    held("login", &person.logs_in(&emulator));
    for (name, arguments) in [
        ("status", &["status"][..]),
        ("status-json", &["status", "--json"]),
        ("status-all", &["status", "--all"]),
        ("status-check", &["status", "--check"]),
        ("status-check-verbose", &["status", "--check", "--verbose"]),
        ("token-json", &["token", "--json"]),
        ("token-env", &["token", "--format", "env"]),
        (
            "token-exec-credential",
            &["token", "--format", "exec-credential"],
        ),
        ("token-aws-process", &["token", "--format", "aws-process"]),
        ("refresh-json", &["refresh", "--json"]),
        ("api", &["api", "GET", "user/get/"]),
        ("api-data", &["api", "GET", "user/get/", "--data"]),
        ("profile-list", &["profile", "list"]),
        ("profile-list-json", &["profile", "list", "--json"]),
        ("logout", &["logout"]),
        ("logout-not-logged-in-json", &["logout", "--json"]),
    ] {
        held(name, &person.says(arguments, ""));
    }
    person.logs_in(&emulator);
    held("logout-json", &person.says(&["logout", "--json"], ""));
    person.logs_in(&emulator);
    let all = ["logout", "--all", "--json"];
    held("logout-all-json", &person.says(&all, ""));
}

#[test]
fn every_error_is_as_it_was() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let held = |name: &str, said: &Said| same(name, &steady(&shown(said), &emulator, &person));
    held("error-not-logged-in", &person.says(&["token"], ""));
    held("error-status", &person.says(&["status", "--json"], ""));
    held("error-no-terminal", &person.says(&["login"], ""));
    held(
        "error-store",
        &person.says(&["token", "--store", "cupboard"], ""),
    );
    held(
        "error-profile",
        &person.says(&["profile", "use", "nowhere"], ""),
    );
    held(
        "error-name",
        &person.says(&["token", "--profile", "../x"], ""),
    );
    let url = emulator.url();
    let login = [
        "login",
        "--portal",
        &url,
        "--password-stdin",
        "--email",
        "user@example.com",
    ];
    let login = [&login[..], &["--customer-id", "customer1"]].concat();
    held("error-wrong-password", &person.says(&login, "wrong\n"));
    for _ in 0..3 {
        let unavailable = Fault::status(StatusCode::SERVICE_UNAVAILABLE);
        emulator.fail_next(Operation::Login, unavailable);
    }
    held("error-unavailable", &person.says(&login, "right\n"));
    person.logs_in(&emulator);
    held("error-api", &person.says(&["api", "GET", "nowhere"], ""));
    held(
        "error-foreign",
        &person.says(&["api", "GET", "https://elsewhere.example/"], ""),
    );
    held(
        "error-run",
        &person.says(&["run", "--", "/nowhere/to/be/found"], ""),
    );
    emulator.revoke_all();
    held("error-expired", &person.says(&["refresh"], ""));
    let config = person.config("profile = \"a\"\n[profiles.a]\nportl = \"x\"\n");
    held("error-config", &person.says(&["token"], ""));
    std::fs::remove_file(config).unwrap();
}

#[test]
fn a_header_and_a_token_are_what_other_programs_take() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let token = person.says(&["token"], "").out;
    let header = person.says(&["token", "--header"], "").out;
    assert_eq!(header, format!("Authorization: Bearer {token}"));
    let renewed = person.says(&["token", "--min-validity", "30d"], "");
    assert_eq!(renewed.out, token, "a renewal would shorten it");
    let warning = "warning: no renewal is valid for 30 d; this token is valid for 6 d 23 h";
    assert!(renewed.err.starts_with(warning), "{}", renewed.err);
}

#[test]
fn a_list_is_followed_page_by_page() {
    let (emulator, person) = (Settings::default().start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let page = |data: &str, next: &str| {
        let metadata = format!(r#"{{"next_index": {next}}}"#);
        let body = format!(r#"{{"data": {data}, "metadata": {metadata}, "status": 200}}"#);
        emulator.fail_next(Operation::Logs, Fault::json(StatusCode::OK, body));
    };
    page("[1, 2]", "2");
    page("[3, 4]", "4");
    page("[5]", "-1");
    let said = person.says(&["api", "GET", "logs/", "--paginate"], "");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "[1,2,3,4,5]\n"),
        "{}",
        said.err
    );
    assert_eq!(emulator.calls(Operation::Logs), 3);
}
