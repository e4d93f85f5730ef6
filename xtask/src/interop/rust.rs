//! Rust: the client crate of this workspace, and its example.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use xshell::cmd;

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

    fn install(&self, bench: &Bench<'_>, package: &Path, _: &Path) -> Result<Command> {
        let manifest = package.join("Cargo.toml");
        let target = bench.root.join("target");
        tools::quiet(cmd!(
            bench.shell,
            "cargo build --quiet --locked --manifest-path {manifest} --target-dir {target} --example session"
        ))?;
        Ok(Command::new(target.join("debug/examples/session")))
    }
}
