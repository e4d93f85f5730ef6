//! The command, and a desktop's tool, for two customers of one email address.

use std::process::Command;

use prancer_auth_emulator::Operation;

use crate::binary::binary;
use crate::needs::needs;
use crate::person::{Person, Said, run};
use crate::redis_server::RedisServer;
use crate::witness::{claims, two_customers};

const PASSWORD: &str = "correct horse battery staple";

/// The command's token is this customer's, or the command says that what it found is another customer's.
fn is_nobody_elses(said: &Said, customer: &str, other: &str) {
    if said.code == 0 {
        assert_eq!(claims(&said.out)["customer_id"], customer);
    } else {
        assert!(said.err.contains(other), "{}", said.err);
        assert_eq!(said.out, "");
    }
}

#[test]
fn a_customer_that_the_environment_names_does_not_get_the_token_of_another() {
    let (emulator, _, _) = two_customers();
    let person = Person::new();
    assert_eq!(person.logs_in(&emulator).code, 0);
    let email = ("PRANCER_EMAIL", "user@example.com");
    let password = ("PRANCER_PASSWORD", PASSWORD);
    for more in [&[][..], &[email], &[email, password]] {
        let mut command = person.command(&["token"]);
        command.env("PRANCER_CUSTOMER_ID", "customer2");
        command.envs(more.iter().copied());
        is_nobody_elses(&run(command, ""), "customer2", "customer1");
    }
    // Whose session it is still has it.
    let mut command = person.command(&["token"]);
    command.env("PRANCER_CUSTOMER_ID", "customer1");
    is_nobody_elses(&run(command, ""), "customer1", "customer2");
}

#[test]
fn two_profiles_on_one_redis_are_two_sessions() {
    needs!("redis-server");
    let (emulator, _, _) = two_customers();
    let (server, person) = (RedisServer::start(), Person::new());
    let profile = |name: &str, customer: &str| {
        format!(
            "[profiles.{name}]\nportal = \"{}\"\nemail = \"user@example.com\"\ncustomer_id = \"{customer}\"\nstore = \"{}\"\n",
            emulator.url(),
            server.url()
        )
    };
    let text = profile("one", "customer1") + &profile("two", "customer2");
    person.config(&text);
    for name in ["one", "two"] {
        let login = ["login", "--profile", name, "--password-stdin"];
        let said = person.says(&login, PASSWORD);
        assert_eq!(said.code, 0, "{}", said.err);
    }
    for (name, customer, other) in [
        ("one", "customer1", "customer2"),
        ("two", "customer2", "customer1"),
    ] {
        let said = person.says(&["token", "--profile", name], "");
        is_nobody_elses(&said, customer, other);
        assert_eq!(said.code, 0, "each has a key of its own: {}", said.err);
    }
    assert_eq!(emulator.sessions(), 2);
    let said = person.says(&["logout", "--profile", "one"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(person.says(&["token", "--profile", "two"], "").code, 0);
    assert_eq!(emulator.sessions(), 1);
}

#[test]
fn two_customers_are_kept_apart_in_a_keyring() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let (emulator, first, _) = two_customers();
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("dbus-run-session");
    let script = r#"
        printf 'keyring password' | gnome-keyring-daemon --unlock --components=secrets > /dev/null
        PRANCER_CUSTOMER_ID=customer1 "$DESKTOP" "$HOME/state"
        PRANCER_CUSTOMER_ID=customer2 "$DESKTOP" "$HOME/state" 2>&1 || true
    "#;
    command
        .args(["--", "sh", "-euc", script])
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("DESKTOP", binary("desktop"))
        .env("PRANCER_PORTAL", emulator.url())
        .env("PRANCER_EMAIL", &first.email)
        .env("PRANCER_PASSWORD", PASSWORD);
    let said = run(command, "");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let second = said.out.lines().last().unwrap_or_default();
    let is_a_session_of_its_own = emulator.calls(Operation::Login) == 2 && emulator.sessions() == 2;
    let is_told = second.contains("customer1") && !second.starts_with("200");
    assert!(is_a_session_of_its_own || is_told, "{}", said.out);
}
