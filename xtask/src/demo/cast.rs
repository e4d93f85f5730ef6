//! Who plays in the demo: people with the real command and a home of their own.

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::emulator::Binaries;

/// Somebody who types commands.
pub(super) struct Person {
    binary: PathBuf,
    home: TempDir,
}

/// What a command said, on both streams, and its exit code.
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) text: String,
}

impl Person {
    pub(super) fn new(binaries: &Binaries) -> Result<Self> {
        let binary = binaries.get("prancer-auth");
        Ok(Self {
            binary: binary.context("cargo built no prancer-auth")?.clone(),
            home: tempfile::tempdir()?,
        })
    }

    pub(super) fn says(&self, arguments: &[&str], input: &str) -> Result<Said> {
        let mut process = Command::new(&self.binary)
            .args(arguments)
            .env_clear()
            .env("HOME", self.home.path())
            .env("XDG_STATE_HOME", self.home.path().join("state"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = process.stdin.take() {
            // A command that asks for nothing may have ended already.
            let _ = stdin.write_all(input.as_bytes());
        }
        let output = process.wait_with_output()?;
        let both = [output.stdout, output.stderr].concat();
        Ok(Said {
            code: output.status.code().unwrap_or(-1),
            text: String::from_utf8_lossy(&both).into_owned(),
        })
    }

    pub(super) fn session_file(&self) -> PathBuf {
        self.home.path().join("state/prancer-auth/session.json")
    }

    /// Puts a copied session in the place of this person's own.
    pub(super) fn put_session(&self, session: &[u8]) -> Result<()> {
        let file = self.session_file();
        if let Some(folder) = file.parent() {
            DirBuilder::new().recursive(true).create(folder)?;
            restrict(folder, 0o700)?;
        }
        fs::write(&file, session)?;
        restrict(&file, 0o600)
    }
}

#[cfg(unix)]
fn restrict(path: &std::path::Path, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &std::path::Path, _: u32) -> Result<()> {
    Ok(())
}
