//! A person at a real terminal: what is typed, what is shown, and what Ctrl-C leaves behind.

use std::time::Duration;

use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect as _, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation};

use crate::needs::needs;
use crate::person::Person;
use crate::raw_server;
use crate::redis_server::RedisServer;

const PATIENCE: Duration = Duration::from_secs(60);

fn terminal(person: &Person, arguments: &[&str]) -> OsSession {
    let mut command = person.command(arguments);
    command.env("TERM", "xterm-256color");
    let mut terminal = Session::spawn(command).unwrap();
    terminal.set_expect_timeout(Some(PATIENCE));
    terminal
}

fn login(url: &str) -> [&str; 3] {
    ["login", "--portal", url]
}

/// Answers all prompts of a login; returns what [`end`] does.
fn answer_prompts(terminal: &mut OsSession) -> (i32, String) {
    for (prompt, answer) in [
        ("Email: ", "user@example.com"),
        ("Customer id: ", "customer1"),
        ("Password: ", "correct horse battery staple"),
    ] {
        terminal.expect(prompt).unwrap();
        terminal.send_line(answer).unwrap();
    }
    end(terminal)
}

/// The exit code, and all that was shown until the end.
fn end(terminal: &mut OsSession) -> (i32, String) {
    let shown = terminal.expect(Eof).unwrap();
    let shown = String::from_utf8_lossy(shown.as_bytes()).into_owned();
    let status = terminal.get_process().wait().unwrap();
    let expectrl::process::unix::WaitStatus::Exited(_, code) = status else {
        panic!("{status:?}: {shown}");
    };
    (code, shown)
}

#[test]
fn a_login_asks_for_what_is_missing_and_does_not_show_the_password() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let mut terminal = terminal(&person, &login(&url));
    let (code, shown) = answer_prompts(&mut terminal);
    assert_eq!(code, 0, "{shown}");
    assert!(
        shown.contains("Logged in to") && !shown.contains("horse"),
        "{shown}"
    );
    assert_eq!(person.says(&["status", "--check"], "").code, 0);
}

#[test]
fn a_login_to_redis_asks_who_it_is_as_any_other_does() {
    needs!("redis-server");
    let (redis, emulator) = (RedisServer::start(), Emulator::start().unwrap());
    let (person, url, store) = (Person::new(), emulator.url(), redis.url());
    let arguments = [&login(&url)[..], &["--store", &store]].concat();
    let mut terminal = terminal(&person, &arguments);
    let (code, shown) = answer_prompts(&mut terminal);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Session saved to "), "{shown}");
}

#[test]
fn a_wrong_password_says_what_the_portal_says() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let who = ["--email", "user@example.com", "--customer-id", "customer1"];
    let mut terminal = terminal(&person, &[&login(&url)[..], &who].concat());
    terminal.expect("Password: ").unwrap();
    terminal.send_line("canary").unwrap();
    let (code, shown) = end(&mut terminal);
    assert_eq!(code, 4, "{shown}");
    assert!(
        shown.contains("Invalid Email or Password") && !shown.contains("canary"),
        "{shown}"
    );
}

#[test]
fn ctrl_c_at_a_prompt_and_in_a_request_ends_with_130_and_a_whole_terminal() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let who = ["--email", "user@example.com", "--customer-id", "customer1"];
    // In a shell that goes on afterwards, and looks at the terminal.
    let mut command = person.command(&[]);
    let program = command.get_program().to_owned();
    let script = r#"stty echo; trap : INT; "$0" "$@"; echo "code $?"; stty -a"#;
    let mut shell = std::process::Command::new("sh");
    shell.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    shell.args(["-c", script]).arg(program);
    shell.args(login(&url)).args(who);
    command = shell;
    let mut at_prompt = Session::spawn(command).unwrap();
    at_prompt.set_expect_timeout(Some(PATIENCE));
    at_prompt.expect("Password: ").unwrap();
    at_prompt.send(ControlCode::EndOfText).unwrap();
    let (code, shown) = end(&mut at_prompt);
    assert!(code == 0 && shown.contains("code 130"), "{shown}");
    assert!(
        shown.contains(" echo ") && !shown.contains("-echo "),
        "{shown}"
    );
    assert_eq!(emulator.calls(Operation::Login), 0);

    person.logs_in(&emulator);
    emulator.fail_next(Operation::User, Fault::Delay(PATIENCE));
    let mut in_request = terminal(&person, &["api", "GET", "user/get/"]);
    in_request.expect("Waiting for the portal").unwrap();
    in_request.send(ControlCode::EndOfText).unwrap();
    let (code, shown) = end(&mut in_request);
    assert_eq!(code, 130, "{shown}");
    assert_eq!(person.says(&["token"], "").code, 0);
}

#[test]
fn every_prompt_ends_at_once_by_every_signal_that_ends_a_command() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let email = ["--email", "user@example.com"];
    for (arguments, prompt) in [
        (login(&url).to_vec(), "Email: "),
        ([&login(&url)[..], &email].concat(), "Customer id: "),
        (
            [&login(&url)[..], &email, &["--customer-id", "c"]].concat(),
            "Password: ",
        ),
    ] {
        let signals = [("TERM", 143), ("INT", 130), ("HUP", 129)];
        // Under `nohup`, the command ignores a hangup as well.
        let own = std::fs::read_to_string("/proc/self/status").unwrap();
        let ignored = own
            .lines()
            .any(|it| it.starts_with("SigIgn:") && it.ends_with(['1', '3', '5', '7']));
        for (signal, code) in &signals[..signals.len() - usize::from(ignored)] {
            let mut at_prompt = terminal(&person, &arguments);
            at_prompt.expect(prompt).unwrap();
            let process = at_prompt.get_process().pid().to_string();
            let mut kill = std::process::Command::new("sh");
            kill.args(["-c", &format!("kill -{signal} {process}")]);
            assert!(kill.status().unwrap().success());
            let (ended, shown) = end(&mut at_prompt);
            assert_eq!(ended, *code, "{prompt} {signal}: {shown}");
        }
    }
    assert_eq!(emulator.calls(Operation::Login), 0);
}

#[test]
fn a_login_shows_the_portal_and_the_tenant_before_it_asks_for_a_password() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let who = ["--email", "user@example.com", "--company", "ABC"];
    let mut at_prompt = terminal(&person, &[&login(&url)[..], &who].concat());
    let shown = at_prompt.expect("Password: ").unwrap();
    let shown = String::from_utf8_lossy(shown.as_bytes()).into_owned();
    assert!(
        shown.contains(&format!("Logging in to {url}/prancer-abc/")),
        "{shown}"
    );
}

#[test]
fn json_is_pretty_and_coloured_on_a_terminal_unless_no_colour_is_wanted() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let shown = |no_color: &str| {
        let mut command = person.command(&["api", "GET", "user/get/"]);
        command
            .env("TERM", "xterm-256color")
            .env("NO_COLOR", no_color);
        let mut terminal = Session::spawn(command).unwrap();
        terminal.set_expect_timeout(Some(PATIENCE));
        end(&mut terminal).1
    };
    let (coloured, plain) = (shown(""), shown("1"));
    assert!(
        coloured.contains("\u{1b}[") && coloured.contains("\n  "),
        "{coloured:?}"
    );
    assert!(
        !plain.contains("\u{1b}[3") && plain.contains("  \"data\": {"),
        "{plain:?}"
    );
}

#[test]
fn a_terminal_obeys_nothing_of_a_hostile_portal() {
    const HOSTILE: &str = "\u{7f}\u{9b}31m\u{202e}\u{200b}";
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let portal = raw_server::serve(|mut request| {
        let (kind, body) = if request.line.contains("json") {
            let text = format!("a{HOSTILE}\\u001b[2Jz");
            let data = format!(r#""data": ["{text}"], "message": "{text}""#);
            (
                "application/json",
                format!(r#"{{{data}, "metadata": {{}}}}"#),
            )
        } else {
            ("text/plain", format!("a{HOSTILE}\u{1b}[2Jz"))
        };
        let status = if request.line.contains("bad") {
            400
        } else {
            200
        };
        request.answers(&format!(
            "HTTP/1.1 {status} X\r\nx-a: {}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            // The one that no header holds.
            HOSTILE.replace('\u{7f}', ""),
            body.len()
        ));
    });
    person.moves(&emulator.url(), &portal);
    for arguments in [
        &["api", "json"][..],
        &["api", "json", "--data"],
        &["api", "json", "--include"],
        &["api", "json", "--paginate"],
        &["api", "json/bad"],
        &["api", "json/bad", "--paginate"],
        &["api", "text"],
        &["api", "text/bad"],
        &["api", "text/bad", "--paginate"],
    ] {
        for no_color in ["", "1"] {
            let mut command = person.command(arguments);
            command
                .env("TERM", "xterm-256color")
                .env("NO_COLOR", no_color);
            let mut terminal = Session::spawn(command).unwrap();
            terminal.set_expect_timeout(Some(PATIENCE));
            let shown = end(&mut terminal).1;
            assert!(shown.contains('a') && shown.contains('z'), "{shown:?}");
            let obeyed = ["\u{7f}", "\u{9b}", "\u{202e}", "\u{200b}", "\u{1b}[2J"];
            let obeyed: Vec<_> = obeyed.iter().filter(|it| shown.contains(**it)).collect();
            assert!(obeyed.is_empty(), "{arguments:?}: {obeyed:?} in {shown:?}");
        }
    }
}
