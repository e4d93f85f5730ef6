//! A Redis server for one story.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use prancer_auth::store::RedisStore;
use prancer_auth_emulator::{Emulator, User};
use tempfile::TempDir;

use crate::portal::{credentials, portal};

/// A real Redis, in a process of its own, with a folder of its own.
pub(crate) struct RedisServer {
    port: u16,
    folder: TempDir,
    arguments: Vec<String>,
    process: Child,
}

impl RedisServer {
    pub(crate) fn start() -> Self {
        Self::start_with(&[], |_| ())
    }

    /// With further arguments, and files that `prepare` writes into its folder, which is its working directory.
    pub(crate) fn start_with(arguments: &[&str], prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let arguments: Vec<_> = arguments.iter().map(|it| (*it).to_owned()).collect();
        let process = spawn(port, &folder, &arguments);
        Self {
            port,
            folder,
            arguments,
            process,
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Makes it a copy of another one, and waits until it is.
    pub(crate) fn replicates(&self, other: &Self) {
        self.cli(&["REPLICAOF", "127.0.0.1", &other.port.to_string()]);
        for _ in 0..1000 {
            let said = self.cli(&["INFO", "replication"]);
            if said.contains("master_link_status:up") && said.contains("master_sync_in_progress:0")
            {
                return;
            }
            sleep(Duration::from_millis(10));
        }
        panic!("the copy is not made");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The store of this user's session with the portal.
    pub(crate) fn store(&self, emulator: &Emulator, user: &User) -> RedisStore {
        open(&self.url(), emulator, user)
    }

    /// The keys that end so.
    pub(crate) fn keys(&self, end: &str) -> Vec<String> {
        let keys = self.cli(&["KEYS", &format!("*{end}")]);
        keys.lines().map(str::to_owned).collect()
    }

    /// It answers no client, and loses nothing.
    pub(crate) fn pause(&self) {
        self.signal("STOP");
    }

    pub(crate) fn go_on(&self) {
        self.signal("CONT");
    }

    /// It dies at once. What it had written to its disk is there when it is started again.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.process = spawn(self.port, &self.folder, &self.arguments);
    }

    /// What it has written to its disk is gone: once it is killed, it has nothing else.
    pub(crate) fn lose_data(&self) {
        let there = || std::fs::read_dir(self.folder.path()).unwrap();
        for entry in there() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
        assert_eq!(there().count(), 0);
    }

    /// What one of its commands says.
    pub(crate) fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let mut command = Command::new("redis-cli");
        let output = command
            .args(["-p", &port, "--raw"])
            .args(arguments)
            .output();
        String::from_utf8_lossy(&output.unwrap().stdout)
            .trim()
            .to_owned()
    }

    fn signal(&self, signal: &str) {
        // The shell's own: not every machine has a program of that name.
        let mut shell = Command::new("sh");
        let sent = shell.args(["-c", &format!("kill -s {signal} {}", self.process.id())]);
        assert!(sent.status().unwrap().success());
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A store at this URL, as a user of the library opens it.
pub(crate) fn open(url: &str, emulator: &Emulator, user: &User) -> RedisStore {
    let identity = credentials(user).identity(&portal(emulator));
    RedisStore::open(url, &identity).unwrap()
}

fn spawn(port: u16, folder: &TempDir, arguments: &[String]) -> Child {
    // The last one of these that says it, counts.
    let port_is = if arguments.iter().any(|it| it == "--tls-cert-file") {
        "--tls-port"
    } else {
        "--port"
    };
    let mut server = Command::new("redis-server");
    server
        .current_dir(folder.path())
        .args([
            "--bind",
            "127.0.0.1",
            "--port",
            "0",
            port_is,
            &port.to_string(),
        ])
        .args(arguments)
        .args(["--appendonly", "yes", "--appendfsync", "always"])
        .args(["--repl-diskless-sync-delay", "0"])
        .args(["--save", "", "--dir"])
        .arg(folder.path())
        .stdout(Stdio::null());
    let process = match server.spawn() {
        Ok(process) => process,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            panic!("no redis-server; install it with: apt-get install redis-server")
        }
        Err(error) => panic!("redis-server: {error}"),
    };
    for _ in 0..1000 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return process;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("redis-server does not come up");
}
