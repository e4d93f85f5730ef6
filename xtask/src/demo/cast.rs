//! Who plays in the demo: the emulator's binary, and people with the real command and a home of their own.

use std::collections::HashMap;
use std::fs::{self, DirBuilder};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use cargo_metadata::Message;
use tempfile::TempDir;

use crate::workspace::Workspace;

/// Where the binaries are, by their names.
pub(super) type Binaries = HashMap<String, PathBuf>;

/// Builds the command and the emulator.
pub(super) fn binaries(workspace: &Workspace) -> Result<Binaries> {
    let mut child = Command::new("cargo")
        .current_dir(workspace.root())
        .args(["build", "--locked", "--workspace"])
        .args(["--bin", "prancer-auth", "--bin", "prancer-auth-emulator"])
        .args(["--message-format", "json-render-diagnostics"])
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let mut binaries = Binaries::new();
    if let Some(messages) = child.stdout.take() {
        for message in Message::parse_stream(BufReader::new(messages)) {
            if let Message::CompilerArtifact(artifact) = message?
                && let Some(path) = artifact.executable
            {
                binaries.insert(artifact.target.name, path.into());
            }
        }
    }
    ensure!(child.wait()?.success(), "cannot build the binaries");
    Ok(binaries)
}

fn command(binaries: &Binaries, name: &str) -> Result<Command> {
    let path = binaries.get(name);
    Ok(Command::new(
        path.with_context(|| format!("cargo built no {name}"))?,
    ))
}

/// The emulator's process, which ends with this.
pub(super) struct Emulator {
    pub(super) url: String,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Emulator {
    pub(super) fn start(binaries: &Binaries) -> Result<Self> {
        let mut process = command(binaries, "prancer-auth-emulator")?
            .arg("--commands")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the emulator")?;
        let Some(output) = process.stdout.take() else {
            bail!("the emulator has no output");
        };
        let mut emulator = Self {
            url: String::new(),
            input: process.stdin.take(),
            process,
            output: BufReader::new(output),
        };
        emulator.url = emulator.line()?;
        Ok(emulator)
    }

    /// Types a line, and tells what the emulator says to it.
    pub(super) fn type_in(&mut self, line: &str) -> Result<String> {
        let input = self.input.as_mut().context("the emulator has no input")?;
        writeln!(input, "{line}")?;
        self.line()
    }

    pub(super) fn stop(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "the emulator has ended");
        Ok(line.trim_end().to_owned())
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

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
        }
        fs::write(&file, session)?;
        restrict(&file)
    }
}

#[cfg(unix)]
fn restrict(file: &std::path::Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    Ok(())
}

#[cfg(not(unix))]
fn restrict(_: &std::path::Path) -> Result<()> {
    Ok(())
}
