//! `prancer-auth proxy`: a program of any language has the token's life, and no other program gets in.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;

use crate::needs::needs;
use crate::person::{Person, run};
use crate::portal::eventually;
use crate::raw_portal::{RawPortal, json};
use crate::raw_server;

const PASSWORD: &str = "correct horse battery staple";

/// A gateway without a command, which ends with this.
pub(crate) struct Proxy {
    child: Child,
    pub(crate) url: String,
}

impl Proxy {
    pub(crate) fn start(person: &Person, arguments: &[&str]) -> Self {
        Self::of(person.command(&[&["proxy"], arguments].concat()))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        Self { child, url }
    }

    pub(crate) fn host(&self) -> &str {
        self.url.split('/').nth(2).unwrap()
    }

    fn signal(&self, name: &str) {
        signal(&self.child, name);
    }
}

fn signal(process: &Child, name: &str) {
    let kill = format!("kill -{name} {}", process.id());
    let sent = Command::new("sh").args(["-c", &kill]).status();
    assert!(sent.unwrap().success());
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The status of a request by hand.
fn status(mut stream: impl std::io::Read + std::io::Write, path: &str, host: &str) -> u16 {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn across_an_expiry_and_a_revocation_no_call_fails_and_one_renewal_serves_all() {
    let settings = Settings::default().rotation(true).reuse_detection(true);
    let (emulator, person) = (settings.tenant("t").start().unwrap(), Person::new());
    let mut command = person.command(&["proxy"]);
    command
        .env("PRANCER_PORTAL", emulator.url())
        .env("PRANCER_TENANT", "t")
        .env("PRANCER_EMAIL", "user@example.com")
        .env("PRANCER_CUSTOMER_ID", "customer1")
        .env("PRANCER_PASSWORD", PASSWORD);
    let proxy = tokio::task::spawn_blocking(move || Proxy::of(command))
        .await
        .unwrap();
    let http = reqwest::Client::new();
    let url = format!("{}/api/user/get/", proxy.url);
    let all_answer = async || {
        let calls = (0..20).map(|_| http.get(&url).bearer_auth("of the client").send());
        for answer in futures_util::future::join_all(calls).await {
            assert_eq!(answer.unwrap().status(), 200);
        }
    };
    all_answer().await;
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    // The portal's clock goes on, the gateway's does not: the portal rejects the token.
    emulator.advance(Duration::from_secs(8 * 24 * 60 * 60));
    all_answer().await;
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::Login), 1);
    // Both tokens are ended: one login brings others.
    emulator.revoke_all();
    all_answer().await;
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[tokio::test]
async fn bodies_are_sent_again_with_another_token() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let proxy = Proxy::start(&person, &[]);
    emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
    let http = reqwest::Client::new();
    let request = http
        .get(format!("{}/api/user/get/", proxy.url))
        .body("some body");
    assert_eq!(request.send().await.unwrap().status(), 200);
    assert_eq!(emulator.calls(Operation::User), 2);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[test]
fn bodies_are_passed_on_while_they_come() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let portal = raw_server::serve(|mut request| {
        // The first answer's beginning arrives before the request's end.
        let length: usize = request.header("content-length").unwrap().parse().unwrap();
        let mut start = vec![0; 2 * 1024 * 1024];
        request.stream.read_exact(&mut start).unwrap();
        request.answers("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nab");
        let mut rest = vec![0; length - start.len()];
        request.stream.read_exact(&mut rest).unwrap();
        request.answers("cd");
    });
    person.moves(&emulator.url(), &portal);
    let proxy = Proxy::start(&person, &[]);
    let path = &proxy.url[proxy.url.rfind('/').unwrap()..];
    let (half, length) = (2 * 1024 * 1024, 3 * 1024 * 1024);
    let mut stream = TcpStream::connect(proxy.host()).unwrap();
    let head = format!(
        "PUT {path}/api/files HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n",
        proxy.host()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&vec![b'x'; half]).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"ab") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    stream.write_all(&vec![b'x'; length - half]).unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "cd");
}

#[test]
fn only_its_own_children_get_in_and_nothing_goes_elsewhere() {
    let settings = Settings::default().tenant("t");
    let (emulator, person) = (settings.start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let proxy = Proxy::start(&person, &[]);
    let host = proxy.host();
    let capability = &proxy.url[proxy.url.rfind('/').unwrap()..];
    assert!(capability.len() > 60, "it cannot be guessed");
    let asks =
        |path: &str, host: &str| status(TcpStream::connect(proxy.host()).unwrap(), path, host);
    let good = format!("{capability}/api/user/get/");
    assert_eq!(asks(&good, host), 200);
    assert_eq!(asks(&good, "evil.example"), 404);
    assert_eq!(asks("/api/user/get/", host), 404);
    assert_eq!(asks("/wrong/api/user/get/", host), 404);
    assert_eq!(asks(&good[..good.len() - 2].replace('a', "b"), host), 404);
    assert_eq!(asks(&format!("http://evil.example{good}"), host), 404);
    let users = emulator.calls(Operation::User);
    for elsewhere in ["/../../x/api/user/get/", "/%2e%2e/%2e%2e/x/api/user/get/"] {
        let status = asks(&format!("{capability}{elsewhere}"), host);
        assert!([400, 404].contains(&status), "{elsewhere}: {status}");
    }
    assert_eq!(emulator.calls(Operation::User), users);
    let beyond = person.says(&["proxy", "--listen", "0.0.0.0:0"], "");
    assert_eq!(beyond.code, 2, "{}", beyond.err);
}

#[test]
fn a_socket_is_for_its_owner_alone_and_goes_with_the_gateway() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let socket = person.home().join("gateway.sock");
    let mut proxy = Proxy::start(&person, &["--socket", socket.to_str().unwrap()]);
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let path = &proxy.url[proxy.url.rfind('/').unwrap()..];
    let stream = UnixStream::connect(&socket).unwrap();
    assert_eq!(
        status(stream, &format!("{path}/api/user/get/"), "localhost"),
        200
    );
    proxy.signal("TERM");
    assert_eq!(proxy.child.wait().unwrap().code(), Some(143));
    assert!(!socket.exists());
}

#[test]
fn it_ends_with_its_command_and_passes_its_exit_code() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let mut command = person.command(&["proxy", "--", "/bin/sh", "-c"]);
    command.arg("echo ${PRANCER_PROXY%/*} $PRANCER_PASSWORD; exit 7");
    command.env("PRANCER_PASSWORD", "canary");
    let said = run(command, "");
    assert_eq!(said.code, 7, "{}", said.err);
    assert!(said.out.starts_with("http://127.0.0.1:") && !said.out.contains("canary"));
    for (script, code) in [("kill -TERM $$", 143), ("exit 0", 0)] {
        let said = person.says(&["proxy", "--", "/bin/sh", "-c", script], "");
        assert_eq!(said.code, code, "{}", said.err);
    }
    assert_eq!(person.says(&["proxy", "--", "/nowhere"], "").code, 127);
}

#[tokio::test]
async fn a_signal_reaches_the_command_which_decides_the_exit_code() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let ready = person.home().join("ready");
    let script = format!(
        "trap 'exit 9' TERM; touch {}; while :; do sleep 0.1; done",
        ready.display()
    );
    let mut command = person.command(&["proxy", "--", "/bin/sh", "-c", &script]);
    let mut child = command.spawn().unwrap();
    eventually(|| ready.exists()).await;
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn neither_the_capability_nor_what_belongs_to_a_connection_reaches_the_portal() {
    needs!("curl");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let (sender, sent) = channel();
    let sender = Mutex::new(sender);
    let portal = raw_server::serve(move |mut request| {
        sender
            .lock()
            .unwrap()
            .send(request.headers.clone())
            .unwrap();
        request.answers("HTTP/1.1 200 OK\r\nx-hop: answer\r\nconnection: close, X-Hop\r\ncontent-length: 2\r\n\r\n{}");
    });
    person.moves(&emulator.url(), &portal);
    let script = r#"curl -sSi -H "Referer: $PRANCER_PROXY/page" -H "Origin: $PRANCER_PROXY" -H "X-A: b" -H "Connection: x-hop, X-Other" -H "X-Hop: canary" -H "X-Other: canary" -H "Proxy-Authorization: Basic canary" "$PRANCER_PROXY/api/x/""#;
    let said = person.says(&["proxy", "--", "/bin/sh", "-c", script], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.ends_with("\r\n\r\n{}"), "{}", said.out);
    assert!(!said.out.contains("x-hop"), "{}", said.out);
    let headers = sent.recv().unwrap();
    assert!(headers.contains(&"x-a: b".to_owned()), "{headers:?}");
    let names = ["referer: ", "origin: ", "proxy-authorization: ", "x-hop: "];
    let named = |it: &String| names.iter().any(|name| it.starts_with(name));
    assert!(!headers.iter().any(named), "{headers:?}");
    assert!(!headers.concat().contains("canary"), "{headers:?}");
}

#[test]
fn without_a_session_nothing_is_started() {
    let person = Person::new();
    let said = person.says(&["proxy", "--", "/bin/echo", "started"], "");
    assert_eq!((said.code, said.out.as_str()), (4, ""), "{}", said.err);
}

#[test]
fn login_refresh_and_logout_go_on_as_they_are() {
    needs!("bash", "curl", "jq");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    // The session program, unchanged, with the gateway in place of the portal.
    let program = std::path::absolute("interop/curl/session.sh").unwrap();
    let program = program.display();
    let script =
        format!("PRANCER_PORTAL=$PRANCER_PROXY PRANCER_PASSWORD=$SECRET exec bash {program}");
    let mut command = person.command(&["proxy", "--", "/bin/sh", "-c", &script]);
    command
        .env("PATH", std::env::var("PATH").unwrap())
        .env("SECRET", PASSWORD)
        .env("PRANCER_EMAIL", "user@example.com")
        .env("PRANCER_CUSTOMER_ID", "customer1");
    let said = run(command, "");
    let expected = include_str!("../interop/session.txt");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, expected),
        "{}",
        said.err
    );
    assert_eq!(person.says(&["status", "--check", "--verify"], "").code, 0);
}

#[test]
fn a_login_through_it_sends_no_password_to_a_proxy_of_the_environment() {
    needs!("curl");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let proxy = RawPortal::start(|_| json("502 Bad Gateway", "{}"));
    let body = format!(
        r#"{{"email": "user@example.com", "password": "{PASSWORD}", "customer_id": "customer1"}}"#
    );
    let script = r#"curl -sS --noproxy '*' -H 'content-type: application/json' -d "$BODY" "$PRANCER_PROXY/api/login/""#;
    let mut command = person.command(&["proxy", "--", "/bin/sh", "-c", script]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        command.env(variable, proxy.url());
    }
    command.env("BODY", body);
    let said = run(command, "");
    assert_eq!(proxy.heard(), [""; 0]);
    assert!(said.out.contains("eyJ"), "{}{}", said.out, said.err);
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[test]
fn a_portal_that_takes_too_long_is_a_timeout() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let silent = Mutex::new(Vec::new());
    let portal = raw_server::serve(move |request| silent.lock().unwrap().push(request));
    person.moves(&emulator.url(), &portal);
    let proxy = Proxy::start(&person, &[]);
    let path = &proxy.url[proxy.url.rfind('/').unwrap()..];
    let stream = TcpStream::connect(proxy.host()).unwrap();
    // A login has the shortest time of all.
    let path = format!("{path}/api/login/");
    assert_eq!(status(stream, &path, proxy.host()), 504);
}

#[tokio::test]
async fn a_signal_before_it_serves_waits_for_the_exchange_in_flight() {
    let settings = Settings::default().rotation(true).reuse_detection(true);
    let (emulator, person) = (settings.start().unwrap(), Person::new());
    person.logs_in(&emulator);
    person.expires();
    let late = Fault::Late(Duration::from_secs(1));
    emulator.fail_next(Operation::Refresh, late);
    let mut command = person.command(&["proxy"]);
    let mut child = command.spawn().unwrap();
    eventually(|| emulator.calls(Operation::Refresh) == 1).await;
    signal(&child, "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(143));
    // What the portal gave is saved.
    let said = person.says(&["token"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[test]
fn a_command_that_does_not_start_leaves_no_socket_and_one_that_is_there_is_named() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let socket = person.home().join("gateway.sock");
    let path = socket.to_str().unwrap();
    let starts = |program| person.says(&["proxy", "--socket", path, "--", program], "");
    assert_eq!(starts("/nowhere").code, 127);
    assert!(!socket.exists());
    assert_eq!(starts("true").code, 0);
    std::fs::write(&socket, "").unwrap();
    let said = starts("true");
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(said.err.contains(path), "{}", said.err);
    assert!(socket.exists(), "what it has not made, it does not remove");
}
