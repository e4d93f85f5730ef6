//! Rust: the client crate of this workspace, and its example.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use xshell::{Shell, cmd};

use super::client::{Bench, Client};
use crate::tools;

pub(super) struct Rust;

impl Client for Rust {
    fn language(&self) -> &'static str {
        "Rust"
    }

    fn generator(&self) -> &'static str {
        "progenitor 0.15.1"
    }

    /// The crate as it lies in the workspace, for `cargo xtask generate` made it.
    fn pack(&self, bench: &Bench<'_>, _: &Path) -> Result<PathBuf> {
        Ok(bench.root.join("crates/prancer-auth-client"))
    }

    fn install(&self, bench: &Bench<'_>, _: &Path, _: &Path) -> Result<Command> {
        build(bench.shell, bench.root).map(Command::new)
    }
}

/// Builds the example, and says where it is.
pub(super) fn build(shell: &Shell, root: &Path) -> Result<PathBuf> {
    let manifest = root.join("Cargo.toml");
    let target = root.join("target");
    tools::quiet(cmd!(
        shell,
        "cargo build --quiet --locked --manifest-path {manifest} --target-dir {target} --package prancer-auth-client --example session"
    ))?;
    Ok(target.join("debug/examples/session"))
}
