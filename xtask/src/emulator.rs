//! The emulator's binary, built and run.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use cargo_metadata::Message;

use crate::workspace::Workspace;

/// The emulator's user, who is made up.
pub(crate) const EMAIL: &str = "user@example.com";
pub(crate) const CUSTOMER_ID: &str = "customer1";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Where the binaries are, by their names.
pub(crate) type Binaries = HashMap<String, PathBuf>;

/// Builds the command and the emulator.
pub(crate) fn binaries(workspace: &Workspace) -> Result<Binaries> {
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

/// The emulator's process, which ends with this.
pub(crate) struct Emulator {
    pub(crate) url: String,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Emulator {
    /// Starts it, with more arguments than the one that makes it read commands.
    pub(crate) fn start(binaries: &Binaries, arguments: &[&str]) -> Result<Self> {
        let binary = binaries.get("prancer-auth-emulator");
        let mut process = Command::new(binary.context("cargo built no emulator")?)
            .arg("--commands")
            .args(arguments)
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
    pub(crate) fn type_in(&mut self, line: &str) -> Result<String> {
        let input = self.input.as_mut().context("the emulator has no input")?;
        writeln!(input, "{line}")?;
        self.line()
    }

    pub(crate) fn stop(&mut self) -> Result<()> {
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
