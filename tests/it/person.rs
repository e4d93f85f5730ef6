//! Somebody who types `prancer-auth` commands.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use prancer_auth_emulator::Emulator;
use tempfile::TempDir;

use crate::binary::binary;

/// A user of the command, with a home of their own.
pub(crate) struct Person {
    home: TempDir,
}

pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Person {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("prancer-auth"));
        command
            .env_clear()
            .env("HOME", self.home.path())
            .args(arguments);
        command
    }

    pub(crate) fn says(&self, arguments: &[&str], input: &str) -> Said {
        run(self.command(arguments), input)
    }

    /// What a shell says that runs this script, with the command on its path.
    pub(crate) fn shell(&self, shell: &str, script: &str, variables: &[(&str, &str)]) -> Said {
        let folder = binary("prancer-auth").parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let mut command = Command::new(shell);
        command
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", format!("{}:{path}", folder.display()))
            .envs(variables.iter().copied())
            .args(["-c", script]);
        run(command, "")
    }

    pub(crate) fn logs_in(&self, emulator: &Emulator) -> Said {
        let url = emulator.url();
        let mut arguments = vec!["login", "--portal", &url, "--password-stdin"];
        arguments.extend(["--email", "user@example.com", "--customer-id", "customer1"]);
        if let Some(tenant) = emulator.tenant() {
            arguments.extend(["--tenant", tenant]);
        }
        self.says(&arguments, "correct horse battery staple\n")
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.home.path().join(".config/prancer-auth/config.toml")
    }

    /// Writes the configuration file.
    pub(crate) fn config(&self, text: &str) -> PathBuf {
        let path = self.config_file();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The session is of another portal from now on.
    pub(crate) fn moves(&self, from: &str, to: &str) {
        let session = std::fs::read_to_string(self.session_file()).unwrap();
        std::fs::write(self.session_file(), session.replace(from, to)).unwrap();
    }

    /// The access token has expired, as far as this machine knows.
    pub(crate) fn expires(&self) {
        let session = std::fs::read_to_string(self.session_file()).unwrap();
        let (start, rest) = session.split_once("\"issued_at_ms\": ").unwrap();
        let rest = rest.split_once(',').unwrap().1;
        let session = format!("{start}\"issued_at_ms\": 1,{rest}");
        std::fs::write(self.session_file(), session).unwrap();
    }

    /// The access token has a life of 24 hours, two of which are left, so that its renewal is due.
    pub(crate) fn is_due(&self) {
        let text = std::fs::read_to_string(self.session_file()).unwrap();
        let mut session: serde_json::Value = serde_json::from_str(&text).unwrap();
        let tokens = &mut session["tokens"];
        let issued_at = tokens["issued_at_ms"].as_u64().unwrap() - 22 * 3_600_000;
        tokens["issued_at_ms"] = issued_at.into();
        tokens["lifetime_ms"] = (24 * 3_600_000).into();
        std::fs::write(self.session_file(), session.to_string()).unwrap();
    }

    pub(crate) fn session_file(&self) -> PathBuf {
        self.home
            .path()
            .join(".local/state/prancer-auth/session.json")
    }
}

pub(crate) fn run(mut command: Command, input: &str) -> Said {
    let streams = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    // Who does not read it has gone, which is no fault.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
