//! What the portal says reaches terminals and logs as words: on one line, and without what steers a terminal.

use prancer_auth::{Envelope, Error};
use prancer_auth_emulator::{Emulator, Fault, Operation};
use reqwest::StatusCode;

use crate::person::Person;
use crate::portal::session;
use crate::witness::said;

/// Clears the screen, forges a line, turns the direction of writing.
const EVIL: &str = r#"{"error": "e\u001b[2J", "message": "m\r\n2026-01-01 ERROR forged", "error_list": ["\u202ex\u009b31m"], "status": 400}"#;

fn assert_plain(text: &str) {
    let steers = |it: char| it.is_control() || ('\u{202a}'..='\u{202e}').contains(&it);
    assert!(
        text.contains("forged") && !text.contains(steers),
        "{text:?}"
    );
}

#[tokio::test]
async fn the_portals_words_steer_no_terminal_and_forge_no_line() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let evil = || Fault::json(StatusCode::BAD_REQUEST, EVIL);
    emulator.fail_next(Operation::User, evil());
    let error = session.get("user/get/").envelope::<Envelope>().await;
    let error = error.unwrap_err();
    assert_plain(&said(&error));
    let rejection = error.rejection().unwrap();
    assert_plain(&rejection.message);
    emulator.fail_next(Operation::Login, evil());
    let error = session.login().await.unwrap_err();
    assert!(matches!(error, Error::CredentialsRejected(_)));
    assert_plain(&said(&error));
}

#[test]
fn a_path_is_told_in_plain_words_too() {
    let emulator = Emulator::start().unwrap();
    let request = session(&emulator).get("..;/\u{1b}[2J\nforged");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    assert_plain(&said(&runtime.block_on(request.send()).unwrap_err()));
}

#[test]
fn the_command_prints_the_portals_words_plainly() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    emulator.fail_next(Operation::Login, Fault::json(StatusCode::BAD_REQUEST, EVIL));
    let said = person.logs_in(&emulator);
    assert_eq!(said.code, 4, "{}", said.err);
    for line in said.err.lines() {
        assert!(!line.contains(char::is_control), "{line:?}");
        assert!(!line.starts_with("2026"), "{line:?}");
    }
}

#[test]
fn without_certificates_a_portal_on_this_machine_is_reached() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let empty = tempfile::tempdir().unwrap();
    let url = emulator.url();
    let mut command = person.command(&["login", "--portal", &url, "--password-stdin"]);
    command.args(["--email", "user@example.com", "--customer-id", "customer1"]);
    command.env("SSL_CERT_FILE", empty.path().join("missing.pem"));
    command.env("SSL_CERT_DIR", empty.path());
    let said = crate::person::run(command, "correct horse battery staple\n");
    assert_eq!(said.code, 0, "{}", said.err);
}
