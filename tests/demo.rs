//! A whole session against a portal in a box, through the real command: what `cargo xtask demo` shows.
#![expect(
    clippy::unwrap_used,
    reason = "a demo that does not do what it says fails by panicking"
)]

#[path = "it/person.rs"]
#[expect(dead_code, reason = "the tests have a person do more")]
mod person;

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use person::{Person, Said};
use prancer_auth_emulator::Emulator;

const BOLD: Style = Style::new().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

/// The binaries beside this program.
mod binary {
    use std::path::PathBuf;

    pub(crate) fn binary(name: &str) -> &'static PathBuf {
        let this = std::env::current_exe().unwrap();
        Box::leak(Box::new(this.ancestors().nth(2).unwrap().join(name)))
    }
}

fn main() {
    let mut step = 0;
    let mut tell = |sentence: &str| {
        step += 1;
        anstream::println!("\n{BOLD}{step}. {sentence}{BOLD:#}");
    };

    tell("A portal in a box starts, on this machine.");
    let emulator = Emulator::start().unwrap();
    let (url, email) = (emulator.url(), emulator.user().email.clone());
    show("prancer-auth-emulator", &url);
    let person = Person::new();

    tell("A person logs in once. The password comes from standard input, not from an argument.");
    let said = person.logs_in(&emulator);
    let command = format!(
        "prancer-auth login --portal {url} --email {email} --customer-id customer1 --password-stdin"
    );
    show(&command, &text(&said));
    assert_eq!(said.code, 0, "the login failed");

    tell("Who is logged in, where, for how long? A login's token lives 7 days.");
    let said = says(&person, &["status"]);
    assert!(said.contains("6 days 23 h"), "no status of a fresh login");
    assert!(!said.contains("eyJ"), "the status shows a token");

    tell("A call to a secure API carries the token by itself.");
    let call = ["api", "GET", "user/get/"];
    assert!(says(&person, &call).contains(&email), "the call failed");

    tell("Eight days pass at the portal: the access token has expired.");
    emulator.advance(Duration::from_secs(8 * 24 * 60 * 60));

    tell(
        "The same call again: rejected, renewed with the refresh token and repeated, behind the scenes.",
    );
    assert!(
        says(&person, &call).contains(&email),
        "the call was not repeated"
    );
    let said = says(&person, &["status"]);
    assert!(said.contains("for 23 h"), "the token was not renewed");

    tell("Somebody copies the session file; then the person logs out.");
    let stolen = fs::read(person.session_file()).unwrap();
    says(&person, &["logout"]);
    let left = fs::read_to_string(person.session_file()).unwrap();
    assert!(
        !left.contains("eyJ"),
        "a token is still in the session file"
    );

    tell("The copied refresh token is worth nothing any more.");
    let thief = Person::new();
    let copy = thief.session_file();
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(copy.parent().unwrap())
        .unwrap();
    fs::write(&copy, stolen).unwrap();
    fs::set_permissions(&copy, Permissions::from_mode(0o600)).unwrap();
    let said = thief.says(&["refresh"], "");
    show(
        "prancer-auth refresh   (with the copied file)",
        &text(&said),
    );
    let rejected = said.code == 4 && text(&said).contains("the session has expired");
    assert!(rejected, "the copied refresh token was not rejected");

    anstream::println!("\n{GOOD}Every step did what it says.{GOOD:#}");
}

/// What a command says that must succeed, which is shown.
fn says(person: &Person, arguments: &[&str]) -> String {
    let said = person.says(arguments, "");
    let (command, text) = (arguments.join(" "), text(&said));
    show(&format!("prancer-auth {command}"), &text);
    assert_eq!(said.code, 0, "{command} failed");
    text
}

fn text(said: &Said) -> String {
    format!("{}{}", said.out, said.err)
}

fn show(command: &str, text: &str) {
    anstream::println!("   {COMMAND}$ {command}{COMMAND:#}");
    for line in text.trim_end().lines() {
        anstream::println!("   {line}");
    }
}
