//! What a logout leaves in the keyring, which is all that the command knows of a session that ended.

use prancer_auth_emulator::Operation;

use crate::keyrings::{Desktop, within};
use crate::needs::needs;
use crate::raw_portal::{RawPortal, json};

#[test]
fn a_password_goes_to_the_portal_that_the_keyring_remembers() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    // What is meant for any other portal is heard here.
    let elsewhere = RawPortal::start(|_| json("502 Bad Gateway", "{}"));
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin 2>&1
        "$COMMAND" logout 2>&1
        unset PRANCER_PORTAL
        "$COMMAND" token 2>&1 > /dev/null || echo "token $?"
    "#;
    let mut command = within(script);
    command.env("HTTPS_PROXY", elsewhere.url());
    let (out, err) = desktop.run(command);
    assert_eq!(elsewhere.heard(), [""; 0], "{out}{err}");
    assert_eq!(desktop.emulator.calls(Operation::Login), 2, "{out}{err}");
    let state = desktop.home.path().join(".local/state/prancer-auth");
    assert!(!state.join("session.json").exists());
}

#[test]
fn a_profile_of_the_keyring_alone_is_one_after_its_logout() {
    needs!("dbus-run-session", "gnome-keyring-daemon");
    let desktop = Desktop::new();
    let script = r#"
        echo "$PRANCER_PASSWORD" | "$COMMAND" login --password-stdin --profile work 2>&1
        unset PRANCER_PASSWORD
        for again in 1 2; do "$COMMAND" logout --profile work 2>&1 || echo "logout $?"; done
        "$COMMAND" status --check --profile work 2>&1 || echo "status $?"
        "$COMMAND" profile remove work 2>&1
        "$COMMAND" status --check --profile work 2>&1 || echo "status $?"
    "#;
    let (out, err) = desktop.run(within(script));
    assert!(
        !out.contains("logout 1") && !out.contains("logout 2"),
        "{out}{err}"
    );
    assert!(out.contains("Not logged in.\n"), "{out}{err}");
    let codes: Vec<_> = out.lines().filter(|it| it.starts_with("status ")).collect();
    assert_eq!(codes, ["status 4", "status 2"], "{out}{err}");
}
