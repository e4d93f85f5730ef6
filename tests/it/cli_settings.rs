//! What a command goes by, layer upon layer, and what it says where that is wrong.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use prancer_auth_emulator::{Emulator, Operation, Settings, User};

use crate::person::{Person, run};
use crate::raw_portal::{RawPortal, json};
use crate::raw_server;

const PASSWORD: &str = "correct horse battery staple";

#[test]
fn a_profile_and_a_password_in_the_environment_log_in() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.config(&format!(
        "[profiles.default]\nportal = \"{}\"\nemail = \"user@example.com\"\ncustomer_id = \"customer1\"\n",
        emulator.url()
    ));
    let mut command = person.command(&["token"]);
    command.env("PRANCER_PASSWORD", PASSWORD);
    let said = run(command, "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[test]
fn a_company_in_the_environment_is_enough_everywhere() {
    let user = User {
        customer_id: "prancer-abc".to_owned(),
        ..User::default()
    };
    let settings = Settings::default().tenant("prancer-abc").user(user);
    let (emulator, person) = (settings.start().unwrap(), Person::new());
    // The environment overrides the profile.
    person.config("[profiles.default]\ntenant = \"other\"\ncustomer_id = \"other\"\n");
    let mut command = person.command(&["token"]);
    command
        .env("PRANCER_PORTAL", emulator.url())
        .env("PRANCER_COMPANY", "ABC")
        .env("PRANCER_EMAIL", "user@example.com")
        .env("PRANCER_PASSWORD", PASSWORD);
    let said = run(command, "");
    assert_eq!(said.code, 0, "{}", said.err);
}

#[test]
fn an_unknown_profile_is_an_error_that_lists_those_that_there_are() {
    let person = Person::new();
    person.config("[profiles.staging]\n[profiles.production]\n");
    for arguments in [&["token"][..], &["status"], &["logout"], &["api", "x"]] {
        let said = person.says(&[arguments, &["--profile", "stagin"]].concat(), "");
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains("production, staging"), "{}", said.err);
    }
    assert_eq!(person.says(&["token", "--profile", "staging"], "").code, 4);
}

#[test]
fn a_login_may_begin_a_profile_and_what_comes_next_names_it() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let login = ["login", "--profile", "new", "--portal", &url];
    let who = ["--email", "user@example.com", "--customer-id", "customer1"];
    let login = [&login[..], &who, &["--password-stdin"]].concat();
    assert_eq!(person.says(&login, PASSWORD).code, 0);
    assert_eq!(person.says(&["token", "--profile", "new"], "").code, 0);
    assert_eq!(person.says(&["logout", "--profile", "new"], "").code, 0);
    let said = person.says(&["token", "--profile", "new"], "");
    let next = "next: prancer-auth login --profile new\n";
    assert!(said.err.ends_with(next), "{}", said.err);
}

#[test]
fn an_empty_flag_is_an_error_and_no_password_goes_anywhere() {
    let person = Person::new();
    for flag in ["--portal", "--tenant", "--profile", "--store"] {
        let said = person.says(&["token", flag, ""], "");
        assert_eq!(said.code, 2, "{flag}: {}", said.err);
    }
}

#[test]
fn what_may_be_a_password_is_never_printed() {
    let person = Person::new();
    person.config("[profiles.default]\nportal = \"https://user:canary@portal.example\"\n");
    for store in [
        "redis:canary@host",
        "canary@host",
        "redis://user:canary@host:port",
        "rediss://:canary@",
        "file:/canary",
    ] {
        let mut command = person.command(&["token", "--store", store]);
        command
            .env("PRANCER_PORTAL", "https://portal.example")
            .env("PRANCER_EMAIL", "user@example.com")
            .env("PRANCER_CUSTOMER_ID", "customer1");
        let said = run(command, "");
        assert_ne!(said.code, 0, "{store}");
        assert!(!said.err.contains("canary"), "{}", said.err);
    }
    for arguments in [&["profile", "list"][..], &["token"], &["status", "--all"]] {
        let said = person.says(arguments, "");
        let all = said.out + &said.err;
        assert!(!all.contains("canary"), "{all}");
    }
}

#[test]
fn the_configuration_file_stays_as_a_person_made_it() {
    let person = Person::new();
    let text = "# Mine.\nprofile = \"a\" # for now\n\n# The first.\n[profiles.a]\ntenant = \"a\" # of a\n\n# The second.\n[profiles.b]\ntenant = \"b\" # of b\n# The end.\n";
    let path = person.config("");
    let elsewhere = person.home().join("dotfiles.toml");
    fs::write(&elsewhere, text).unwrap();
    fs::set_permissions(&elsewhere, fs::Permissions::from_mode(0o640)).unwrap();
    fs::remove_file(&path).unwrap();
    symlink(&elsewhere, &path).unwrap();

    assert_eq!(person.says(&["profile", "use", "b"], "").code, 0);
    let now = fs::read_to_string(&elsewhere).unwrap();
    assert_eq!(now, text.replace("\"a\" # for now", "\"b\" # for now"));
    assert_eq!(person.says(&["profile", "remove", "b"], "").code, 0);
    let now = fs::read_to_string(&elsewhere).unwrap();
    for comment in [
        "# Mine.",
        "# The first.",
        "# of a",
        "# The second.",
        "# The end.",
    ] {
        assert!(now.contains(comment), "{now}");
    }
    assert!(
        !now.contains("profiles.b") && !now.contains("profile ="),
        "{now}"
    );
    assert_eq!(person.says(&["profile", "remove", "a"], "").code, 0);
    let now = fs::read_to_string(&elsewhere).unwrap();
    assert!(
        now.contains("# Mine.") && now.contains("# The first."),
        "{now}"
    );
    assert!(path.is_symlink());
    let mode = fs::metadata(&elsewhere).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn a_wrong_portal_or_tenant_says_which_url_was_asked_and_what_to_check() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let arguments = [
        "login",
        "--portal",
        &url,
        "--tenant",
        "nowhere",
        "--email",
        "user@example.com",
        "--customer-id",
        "customer1",
        "--password-stdin",
    ];
    let said = person.says(&arguments, PASSWORD);
    assert_eq!(said.code, 5);
    assert!(
        said.err.contains(&format!("{url}/nowhere/api/")),
        "{}",
        said.err
    );
    assert!(said.err.contains("404"), "{}", said.err);
    assert!(said.err.contains("next: check --portal"), "{}", said.err);
    assert!(!said.err.contains("next try"), "{}", said.err);
}

#[test]
fn a_store_that_is_damaged_is_replaced_by_a_login_and_removed_by_a_logout() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    for damage in ["", "{\"version\": 3, "] {
        person.logs_in(&emulator);
        fs::write(person.session_file(), damage).unwrap();
        let said = person.says(&["token"], "");
        assert_eq!(said.code, 4, "{}", said.err);
        let said = person.logs_in(&emulator);
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.err.contains("damaged and is replaced"), "{}", said.err);
        assert_eq!(person.says(&["token"], "").code, 0);
        fs::write(person.session_file(), damage).unwrap();
        let said = person.says(&["logout"], "");
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.err.contains("damaged and was removed"), "{}", said.err);
        assert!(!person.session_file().exists());
    }
    // What a newer version wrote is not damaged.
    person.logs_in(&emulator);
    fs::write(person.session_file(), "{\"version\": 9}").unwrap();
    assert_eq!(person.logs_in(&emulator).code, 1);
    assert_eq!(person.says(&["logout"], "").code, 1);
}

#[test]
fn a_login_without_settings_goes_to_the_portal_of_the_session() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    // What is meant for any other portal is heard here.
    let proxy = RawPortal::start(|_| json("502 Bad Gateway", "{}"));
    let logs_in = |more: &[&str]| {
        let mut command = person.command(&[&["login", "--password-stdin"], more].concat());
        command.env("HTTPS_PROXY", proxy.url());
        run(command, PASSWORD)
    };
    let who = ["--email", "user@example.com", "--customer-id", "customer1"];
    let said = logs_in(&who);
    assert_eq!(proxy.heard(), [""; 0], "{}", said.err);
    assert_eq!(said.code, 0, "{}", said.err);
    // Who it is, the session knows as well, and a logout does not forget it.
    assert_eq!(logs_in(&[]).code, 0);
    assert_eq!(person.says(&["logout"], "").code, 0);
    assert_eq!(logs_in(&[]).code, 0);
    assert_eq!(emulator.calls(Operation::Login), 4);
    // Another portal has other people.
    let elsewhere = ["--portal", "https://elsewhere.example"];
    let said = logs_in(&elsewhere);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("--email"), "{}", said.err);
}

#[test]
fn a_tenant_alone_does_not_lead_away_from_the_portal_of_the_session() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let public = RawPortal::start(|_| json("502 Bad Gateway", "{}"));
    let says = |arguments: &[&str]| {
        let mut command = person.command(arguments);
        command.env("HTTPS_PROXY", public.url());
        command.env("PRANCER_PASSWORD", PASSWORD);
        run(command, PASSWORD)
    };
    let tenant = &["--tenant", "t", "--customer-id", "customer1"][..];
    let company = &["--company", "ABC"][..];
    for ends in [false, true] {
        if ends {
            assert_eq!(person.says(&["logout"], "").code, 0);
        }
        for place in [tenant, company] {
            let said = says(&[&["login", "--email", "user@example.com"], place].concat());
            assert_eq!(public.heard(), [""; 0], "{}", said.err);
            assert_eq!(said.code, 2, "{}", said.err);
            let next = format!("next: add --portal {}", emulator.url());
            assert!(said.err.contains(&next), "{}", said.err);
        }
    }
    // Nor does that of a profile, for a command that logs in by itself.
    let who = "email = \"user@example.com\"\ncustomer_id = \"customer1\"\n";
    person.config(&format!("[profiles.default]\ntenant = \"t\"\n{who}"));
    let said = says(&["token"]);
    assert_eq!(public.heard(), [""; 0], "{}", said.err);
    assert_eq!(said.code, 2, "{}", said.err);
    // The public portal is one that can be named.
    let named = ["login", "--portal", "https://portal.prancer.io"];
    let who = ["--email", "user@example.com", "--customer-id", "customer1"];
    assert_eq!(says(&[&named[..], &who].concat()).code, 5);
    assert_ne!(public.heard(), [""; 0]);
}

#[test]
fn a_login_at_what_is_no_portal_says_so() {
    let url = raw_server::serve(|mut request| {
        request.body();
        request.answers("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\nconnection: close\r\n\r\n<html>");
    });
    let person = Person::new();
    let login = ["login", "--portal", &url, "--email", "user@example.com"];
    let login = [&login[..], &["--customer-id", "c", "--password-stdin"]].concat();
    let said = person.says(&login, PASSWORD);
    assert_eq!((said.code, said.out.as_str()), (5, ""), "{}", said.err);
    let words = format!("{url}/api/ does not answer like a Prancer portal");
    assert!(said.err.contains(&words), "{}", said.err);
    assert!(said.err.contains("next: check --portal"), "{}", said.err);
    assert!(!person.session_file().exists());
}

#[test]
fn a_login_into_memory_is_an_error_before_anything_is_asked() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let login = ["login", "--portal", &url, "--email", "user@example.com"];
    let login = [
        &login[..],
        &["--customer-id", "customer1", "--password-stdin"],
    ]
    .concat();
    let said = person.says(&[&login[..], &["--store", "memory"]].concat(), PASSWORD);
    assert_eq!(said.code, 2, "{}", said.err);
    assert!(said.err.contains("next: add --store file"), "{}", said.err);
    let mut command = person.command(&login);
    command.env("PRANCER_STORE", "memory");
    assert_eq!(run(command, PASSWORD).code, 2);
    assert_eq!(emulator.calls(Operation::Login), 0);
}

#[test]
fn what_a_configuration_cannot_mean_is_an_error() {
    let person = Person::new();
    for (text, word) in [
        (
            "[profiles.default]\nportal = \"\"\n",
            "`portal` of the profile `default` is empty",
        ),
        ("profile = \"\"\n", "`profile` is empty"),
        ("[profiles.\"$(touch x)\"]\n", "Invalid profile name"),
    ] {
        let path = person.config(text);
        for arguments in [&["token"][..], &["profile", "list", "--names"]] {
            let said = person.says(arguments, "");
            assert_eq!((said.code, said.out.as_str()), (2, ""), "{text}");
            assert!(said.err.contains(word), "{}", said.err);
            assert!(said.err.contains(path.to_str().unwrap()), "{}", said.err);
        }
    }
}

#[test]
fn a_variable_that_is_no_text_is_an_error() {
    use std::os::unix::ffi::OsStrExt as _;

    let person = Person::new();
    for name in ["PORTAL", "TENANT", "PROFILE", "STORE", "PASSWORD", "EMAIL"] {
        let mut command = person.command(&["token"]);
        let value = std::ffi::OsStr::from_bytes(b"\xff");
        command.env(format!("PRANCER_{name}"), value);
        let said = run(command, "");
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(
            said.err.contains(&format!("PRANCER_{name}")),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_link_to_a_configuration_that_is_not_there_yet_stays_a_link() {
    let person = Person::new();
    let path = person.config("");
    fs::remove_file(&path).unwrap();
    symlink("../../dotfiles/prancer.toml", &path).unwrap();
    assert_eq!(person.says(&["profile", "use", "default"], "").code, 0);
    assert!(path.is_symlink());
    let text = fs::read_to_string(person.home().join("dotfiles/prancer.toml"));
    assert_eq!(text.unwrap(), "profile = \"default\"\n");
}

#[test]
fn the_profiles_that_there_are_have_at_least_a_default() {
    let person = Person::new();
    let said = person.says(&["token", "--profile", "nowhere"], "");
    let problem = "unknown profile `nowhere`; known profiles: default\n";
    assert!(said.err.contains(problem), "{}", said.err);
    person.config("[profiles.a]\ncompany = \"ABC\"\n[profiles.b]\ntenant = \"t\"\n");
    let said = person.says(&["profile", "list", "--json"], "").out;
    let of = |text: &str| assert!(said.contains(text), "{said}");
    of(r#"{"name":"a","used":false,"portal":null,"tenant":"prancer-abc","company":"ABC"}"#);
    of(r#"{"name":"b","used":false,"portal":null,"tenant":"t","company":null}"#);
}
