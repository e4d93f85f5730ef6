//! Connections to `prancer-auth proxy`: how many, how long, and those of somebody without its secret.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use prancer_auth_emulator::Emulator;

use crate::cli_proxy::Proxy;
use crate::person::Person;

/// How many connections are served at once.
const LIMIT: usize = 256;

impl Proxy {
    fn connect(&self) -> TcpStream {
        TcpStream::connect(self.host()).unwrap()
    }

    /// A request without the secret, on a connection that would stay.
    fn guess(&self) -> TcpStream {
        self.ask(self.connect(), "/wrong")
    }

    fn ask(&self, mut stream: TcpStream, path: &str) -> TcpStream {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host());
        stream.write_all(request.as_bytes()).unwrap();
        stream
    }
}

#[test]
fn connections_beyond_the_limit_wait_for_others_to_end() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let proxy = Proxy::start(&person, &[]);
    let path = &proxy.url[proxy.url.rfind('/').unwrap()..];
    let path = format!("{path}/api/user/get/");
    // Each knows the secret, and may stay.
    let connect = |_| {
        let mut stream = proxy.ask(proxy.connect(), &path);
        assert_ne!(stream.read(&mut [0]).unwrap(), 0);
        stream
    };
    let mut idle: Vec<_> = (0..LIMIT).map(connect).collect();
    let mut waits = proxy.guess();
    let moment = Duration::from_millis(300);
    waits.set_read_timeout(Some(moment)).unwrap();
    assert!(waits.read(&mut [0]).is_err(), "it was served");
    waits.set_read_timeout(None).unwrap();
    idle.pop();
    let mut answer = String::new();
    waits.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
}

#[test]
fn who_says_nothing_or_does_not_know_the_secret_keeps_no_place() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let proxy = Proxy::start(&person, &[]);
    // As long as a program with the secret may be idle.
    let idle = Duration::from_secs(60);
    let mut guess = proxy.guess();
    guess.set_read_timeout(Some(idle / 2)).unwrap();
    let mut answer = String::new();
    guess.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let _silent: Vec<_> = (0..LIMIT).map(|_| proxy.connect()).collect();
    let mut waits = proxy.guess();
    waits.set_read_timeout(Some(idle / 2)).unwrap();
    assert_ne!(waits.read(&mut [0]).unwrap(), 0);
}
