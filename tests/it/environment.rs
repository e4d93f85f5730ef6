//! A program whose portal and credentials come from the environment: the one that the README shows.

use std::process::{Command, Output};

use prancer_auth_emulator::Settings;

use crate::binary::binary;

const README: &str = include_str!("../../README.md");
const EXAMPLE: &str = include_str!("../../crates/prancer-auth/examples/whoami.rs");

fn whoami(variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(binary("whoami"));
    command.env_clear().envs(variables.iter().copied());
    command.output().unwrap()
}

#[test]
fn the_readme_shows_the_example() {
    let (_, code) = EXAMPLE.split_once("\n\n").unwrap();
    assert!(README.contains(&format!("```rust,no_run\n{code}```\n")));
}

#[test]
fn the_example_logs_in_with_what_the_environment_says() {
    let emulator = Settings::default().tenant("t").start().unwrap();
    let output = whoami(&[
        ("PRANCER_PORTAL", &emulator.url()),
        ("PRANCER_TENANT", "t"),
        ("PRANCER_EMAIL", "user@example.com"),
        ("PRANCER_PASSWORD", "correct horse battery staple"),
        ("PRANCER_CUSTOMER_ID", "customer1"),
    ]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "Some(\"user@example.com\")\n");
}

#[test]
fn the_rarer_shapes_say_what_their_example_says() {
    let shapes = include_str!("../../crates/prancer-auth/examples/shapes.rs");
    let output = Command::new(binary("shapes")).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().count(), 3, "{said}");
    for line in said.lines() {
        assert!(shapes.contains(&format!("//! {line}\n")), "{line}");
    }
}

#[test]
fn a_variable_that_is_missing_or_wrong_is_named() {
    let says = |variables: &[(&str, &str)]| {
        let output = whoami(variables);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let email = ("PRANCER_EMAIL", "user@example.com");
    assert!(says(&[email]).contains("Missing { variable: \"PRANCER_PASSWORD\" }"));
    let empty = ("PRANCER_PASSWORD", "");
    assert!(says(&[email, empty]).contains("Missing { variable: \"PRANCER_PASSWORD\" }"));
    assert!(says(&[("PRANCER_PORTAL", "http://h")]).contains("PRANCER_PORTAL"));
    assert!(says(&[("PRANCER_TENANT", "a/b")]).contains("PRANCER_TENANT"));
}
