//! The real `prancer-auth` binary.

use std::time::Duration;

use prancer_auth_emulator::{Emulator, Fault, Operation, Settings, User};

use crate::person::{Person, run};

#[test]
fn a_session_from_login_to_logout() {
    let emulator = Settings::default()
        .tenant("prancer-customer1")
        .start()
        .unwrap();
    let person = Person::new();
    let said = person.logs_in(&emulator);
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let portal = format!("{}/prancer-customer1/", emulator.url());
    assert_eq!(
        said.err,
        format!(
            "Logged in to {portal} as user@example.com.\nSession saved to {}.\n",
            person.session_file().display()
        )
    );

    let token = person.says(&["token"], "");
    assert_eq!((token.code, token.err.as_str()), (0, ""));
    assert_eq!(token.out.trim_end().split('.').count(), 3);
    let status = person.says(&["status"], "");
    assert_eq!(status.code, 0);
    assert!(
        status.out.contains(&portal) && status.out.contains("6 days 23 h"),
        "{}",
        status.out
    );
    assert!(!status.out.contains("eyJ"), "{}", status.out);

    let answer = person.says(&["api", "GET", "user/get/"], "");
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(
        answer.out.contains(r#""email":"user@example.com""#),
        "{}",
        answer.out
    );
    let renewed = person.says(&["refresh"], "");
    assert_eq!(renewed.code, 0, "{}", renewed.err);
    assert_ne!(person.says(&["token"], "").out, token.out);

    let said = person.says(&["logout"], "");
    assert_eq!(
        (said.code, said.err),
        (0, format!("Logged out of {portal}.\n"))
    );
    let stored = std::fs::read_to_string(person.session_file()).unwrap();
    assert!(!stored.contains("eyJ"), "no token is stored: {stored}");
    assert_eq!(person.says(&["logout"], "").err, "Not logged in.\n");
    for arguments in [
        &["token"][..],
        &["status"],
        &["refresh"],
        &["api", "GET", "user/get/"],
    ] {
        let said = person.says(arguments, "");
        assert_eq!((said.code, said.out.as_str()), (4, ""), "{arguments:?}");
        assert!(
            said.err.contains("next: prancer-auth login"),
            "{}",
            said.err
        );
    }
    assert_eq!(emulator.calls(Operation::Logout), 1);
}

#[test]
fn a_wrong_password_is_refused_with_the_portals_words_and_keeps_the_old_session() {
    let emulator = Emulator::start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    let before = std::fs::read(person.session_file()).unwrap();
    let (url, email) = (emulator.url(), "user@example.com");
    let arguments = [
        "login",
        "--portal",
        &url,
        "--email",
        email,
        "--customer-id",
        "customer1",
    ];
    let said = person.says(
        &[&arguments[..], &["--password-stdin"]].concat(),
        "canary\n",
    );
    assert_eq!(said.code, 4);
    assert!(
        said.err.contains("Invalid Email or Password"),
        "{}",
        said.err
    );
    assert!(!said.err.contains("canary"));
    assert_eq!(std::fs::read(person.session_file()).unwrap(), before);
}

#[test]
fn a_password_is_no_argument_and_is_asked_for_only_where_somebody_can_answer() {
    let person = Person::new();
    let said = person.says(&["login", "--password", "canary"], "");
    assert_eq!(said.code, 2);
    let arguments = [
        "login",
        "--email",
        "user@example.com",
        "--customer-id",
        "customer1",
    ];
    let said = person.says(&arguments, "");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("--password-stdin"), "{}", said.err);
}

#[test]
fn the_environment_is_enough_for_a_script() {
    let emulator = Settings::default().tenant("t").start().unwrap();
    let person = Person::new();
    let mut command = person.command(&["token"]);
    command
        .env("PRANCER_PORTAL", emulator.url())
        .env("PRANCER_TENANT", "t");
    command
        .env("PRANCER_EMAIL", "user@example.com")
        .env("PRANCER_CUSTOMER_ID", "customer1");
    command.env("PRANCER_PASSWORD", "correct horse battery staple");
    let said = run(command, "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("eyJ"));
    assert_eq!(
        person.says(&["token"], "").out,
        said.out,
        "the session is still stored"
    );
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[test]
fn an_empty_variable_is_no_variable() {
    let emulator = Emulator::start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    let mut command = person.command(&["token"]);
    for name in ["PORTAL", "TENANT", "EMAIL", "PASSWORD", "CUSTOMER_ID"] {
        command.env(format!("PRANCER_{name}"), "");
    }
    assert_eq!(run(command, "").code, 0);
}

#[test]
fn a_company_gives_the_tenant_and_the_customer_id_whatever_the_environment_says() {
    let user = User {
        customer_id: "prancer-abc".to_owned(),
        ..User::default()
    };
    let emulator = Settings::default()
        .tenant("prancer-abc")
        .user(user)
        .start()
        .unwrap();
    let person = Person::new();
    let url = emulator.url();
    let login = [
        "login",
        "--portal",
        &url,
        "--company",
        "ABC",
        "--password-stdin",
    ];
    let mut command = person.command(&[&login[..], &["--email", "user@example.com"]].concat());
    command
        .env("PRANCER_TENANT", "other")
        .env("PRANCER_CUSTOMER_ID", "other");
    let said = run(command, "correct horse battery staple");
    assert_eq!(said.code, 0, "{}", said.err);
    let both = person.says(&[&["--tenant", "t"], &login[..]].concat(), "");
    assert_eq!(both.code, 2, "{}", both.err);
}

#[test]
fn a_session_of_another_portal_is_not_used() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let person = Person::new();
    person.logs_in(&here);
    for command in ["token", "status", "refresh", "logout"] {
        let said = person.says(&[command, "--portal", &there.url()], "");
        assert_eq!((said.code, said.out.as_str()), (4, ""), "{command}");
        assert!(said.err.contains(&here.url()), "{}", said.err);
    }
    assert_eq!(person.says(&["token"], "").code, 0);
}

#[test]
fn two_commands_that_renew_at_once_share_one_renewal() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    emulator.fail_next(Operation::Refresh, Fault::Delay(Duration::from_millis(300)));
    let first = std::thread::scope(|scope| {
        let slow = scope.spawn(|| person.says(&["refresh"], ""));
        while emulator.calls(Operation::Refresh) == 0 && !slow.is_finished() {
            std::thread::yield_now();
        }
        assert_eq!(person.says(&["refresh"], "").code, 0);
        slow.join().unwrap()
    });
    assert_eq!(first.code, 0, "{}", first.err);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(person.says(&["api", "GET", "user/get/"], "").code, 0);
}

#[test]
fn a_portal_that_cannot_be_reached_or_is_none_has_its_exit_code() {
    let person = Person::new();
    let arguments = ["--email", "a@b", "--customer-id", "c", "--password-stdin"];
    let login = |portal: &str| {
        person.says(
            &[&["login", "--portal", portal], &arguments[..]].concat(),
            "x\n",
        )
    };
    let said = login("http://127.0.0.1:1");
    assert_eq!(said.code, 5, "{}", said.err);
    let said = login("http://portal.prancer.io");
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("use https"), "{}", said.err);
}

#[test]
fn a_failed_call_prints_the_answer_and_fails() {
    let emulator = Emulator::start().unwrap();
    let person = Person::new();
    person.logs_in(&emulator);
    let said = person.says(&["api", "GET", "nowhere"], "");
    assert_eq!(said.code, 1);
    assert!(
        said.out.contains("Not Found") && said.err.contains("404"),
        "{}",
        said.err
    );
    let said = person.says(&["api", "GET", "https://evil.example/"], "");
    assert_eq!(said.code, 1);
    assert!(said.err.contains("is not on this portal"), "{}", said.err);
}
