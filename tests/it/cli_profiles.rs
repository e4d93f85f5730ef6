//! Several profiles: each has settings of its own, and every next command names the one that is meant.

use prancer_auth_emulator::{Emulator, Operation, Settings};
use serde_json::Value;

use crate::person::{Person, Said, run};

const PASSWORD: &str = "correct horse battery staple";

/// Somebody with a profile for each portal, named `a`, `b`, ..., logged in to all of them.
fn with_profiles(emulators: &[&Emulator]) -> Person {
    let person = Person::new();
    let names = || "abcdef".chars().zip(emulators);
    let profiles: String = names()
        .map(|(name, emulator)| {
            let tenant = emulator.tenant().unwrap_or_default();
            let url = emulator.url();
            format!("[profiles.{name}]\nportal = \"{url}\"\ntenant = \"{tenant}\"\n")
        })
        .collect();
    person.config(&profiles);
    for (name, _) in names() {
        let name = name.to_string();
        let login = ["login", "--profile", &name, "--email", "user@example.com"];
        let who = ["--customer-id", "customer1", "--password-stdin"];
        let said = person.says(&[&login[..], &who].concat(), PASSWORD);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    person
}

fn portal(tenant: &str) -> Emulator {
    Settings::default().tenant(tenant).start().unwrap()
}

#[test]
fn variables_are_meant_for_the_profile_that_is_used_and_not_for_all_of_them() {
    let (a, b) = (portal("ta"), portal("tb"));
    let person = with_profiles(&[&a, &b]);
    let says = |arguments: &[&str]| {
        let mut command = person.command(arguments);
        command
            .env("PRANCER_PROFILE", "a")
            .env("PRANCER_TENANT", "ta")
            .env("PRANCER_EMAIL", "user@example.com");
        run(command, "")
    };
    let status = says(&["status", "--all"]).out;
    assert_eq!(status.matches("logged in ").count(), 2, "{status}");
    let said = says(&["logout", "--all"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!((a.sessions(), b.sessions()), (0, 0));
}

#[test]
fn what_cannot_be_meant_for_all_profiles_is_an_error() {
    let a = portal("ta");
    let person = with_profiles(&[&a]);
    for flags in [
        ["--store", "file"],
        ["--portal", "https://portal.example"],
        ["--tenant", "t"],
    ] {
        for command in ["status", "logout"] {
            // Before the command or behind it.
            for arguments in [
                [&flags[..], &[command, "--all"]].concat(),
                [&[command, "--all"], &flags[..]].concat(),
            ] {
                let said = person.says(&arguments, "");
                assert_eq!((said.code, said.out.as_str()), (2, ""), "{arguments:?}");
                assert!(said.err.contains(flags[0]), "{}", said.err);
            }
        }
    }
    assert_eq!(a.sessions(), 1);
}

#[test]
fn a_logout_of_all_says_each_failure_once_and_its_json_has_no_advice() {
    let (a, b, c) = (portal("ta"), portal("tb"), portal("tc"));
    let person = with_profiles(&[&a, &b, &c]);
    let urls = [b.url(), c.url()];
    drop((b, c));
    let Said { code, out, err } = person.says(&["logout", "--all", "--json"], "");
    assert_eq!(code, 5, "{err}");
    for (name, url) in ["b", "c"].iter().zip(urls) {
        let start = format!("prancer-auth: profile {name}: ");
        let lines: Vec<_> = err.lines().filter(|it| it.starts_with(&start)).collect();
        assert_eq!(lines.len(), 1, "{err}");
        assert!(lines[0].contains(&format!(" {url}/")), "{err}");
    }
    assert_eq!(
        err.matches("stay valid until they expire").count(),
        2,
        "{err}"
    );
    let last = "prancer-auth: 2 of 4 profiles could not be logged out\n";
    assert!(err.ends_with(last), "{err}");
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(all[0]["profile"], "a");
    assert_eq!(all[0]["error"], Value::Null);
    let said = all[1]["error"].as_str().unwrap();
    assert!(said.starts_with("logged out locally; "), "{said}");
    assert!(
        !said.contains("prancer-auth") && !said.contains("next"),
        "{said}"
    );
    assert_eq!(a.sessions(), 0);
}

#[test]
fn a_logout_that_fails_prints_its_json_as_well() {
    let a = portal("ta");
    let person = with_profiles(&[&a]);
    drop(a);
    let said = person.says(&["logout", "--profile", "a", "--json"], "");
    assert_eq!(said.code, 5, "{}", said.err);
    let ended: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(ended["profile"], "a");
    assert!(ended["error"].as_str().unwrap().starts_with("logged out"));
    assert!(
        said.err.starts_with("prancer-auth: logged out"),
        "{}",
        said.err
    );
}

#[test]
fn every_next_command_names_the_profile_that_was_named() {
    let a = portal("ta");
    let person = with_profiles(&[&a]);
    let ends = |arguments: &[&str], next: &str| {
        let said = person.says(&[arguments, &["--profile", "a"]].concat(), "");
        assert_ne!(said.code, 0);
        assert!(
            said.err.ends_with(&format!("{next} --profile a\n")),
            "{}",
            said.err
        );
    };
    ends(
        &["api", "nowhere"],
        "next: check the path (most end in /) and the tenant: prancer-auth status",
    );
    a.revoke_all();
    ends(&["refresh"], "next: prancer-auth login");
    ends(&["status", "--check"], "next: prancer-auth login");
    let status = person.says(&["status", "--profile", "a"], "").out;
    let advice = "log in again: prancer-auth login --profile a\n";
    assert!(status.contains(advice), "{status}");
    assert_eq!(a.calls(Operation::Refresh), 1);
}
