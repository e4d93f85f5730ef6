//! The real `prancer-auth-emulator` binary.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::binary::binary;
use crate::person::Person;

/// The emulator's binary, which dies with this.
struct Portal {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Portal {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(binary("prancer-auth-emulator"));
        let command = command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_emulators_binary_prints_its_url_first_and_moves_its_clock_on_command() {
    let mut portal = Portal::start(&[
        "--user",
        "a@b.c:pass:word:c",
        "--shape",
        "2022",
        "--commands",
    ]);
    let url = portal.line();
    let person = Person::new();
    let login = [
        "login",
        "--portal",
        &url,
        "--email",
        "a@b.c",
        "--customer-id",
        "c",
    ];
    let said = person.says(&[&login[..], &["--password-stdin"]].concat(), "pass:word\n");
    assert_eq!(said.code, 0, "{}", said.err);
    let token = person.says(&["token"], "").out;
    writeln!(portal.input, "advance 8d").unwrap();
    assert_eq!(portal.line(), "advanced by 8days");
    let answer = person.says(&["api", "GET", "user/get/"], "");
    assert_eq!(answer.code, 0, "{}", answer.err);
    assert!(answer.out.contains(r#""error_list":[]"#), "{}", answer.out);
    assert_ne!(
        person.says(&["token"], "").out,
        token,
        "renewed behind the scenes"
    );
}

#[test]
fn the_emulators_binary_takes_lifetimes_a_tenant_and_rotation() {
    let mut portal = Portal::start(&[
        "--tenant",
        "t",
        "--login-lifetime",
        "3h",
        "--refresh-lifetime",
        "2h",
        "--rotation",
        "--reuse-detection",
    ]);
    let url = portal.line();
    let person = Person::new();
    let login = [
        "login",
        "--portal",
        &url,
        "--tenant",
        "t",
        "--password-stdin",
    ];
    let who = ["--email", "user@example.com", "--customer-id", "customer1"];
    let password = "correct horse battery staple";
    let said = person.says(&[&login[..], &who].concat(), password);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(person.says(&["status"], "").out.contains("for 2 h "));
    assert_eq!(person.says(&["refresh"], "").code, 0);
    assert!(person.says(&["status"], "").out.contains("for 1 h "));
}

#[cfg(unix)]
#[test]
fn the_emulators_binary_ends_cleanly_when_it_is_told_to() {
    for signal in ["-INT", "-TERM"] {
        let mut portal = Portal::start(&[]);
        portal.line();
        let id = portal.child.id().to_string();
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill {signal} {id}")])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(portal.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}
