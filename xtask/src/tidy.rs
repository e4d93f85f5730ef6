//! `cargo xtask tidy`: what no compiler checks.

mod dependencies;
mod published;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::MetadataCommand;

use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.join("Cargo.toml"))
        .other_options(["--locked".to_owned()])
        .exec()
        .context("cannot read the dependencies; is Cargo.lock up to date?")?;
    let mut findings = dependencies::check(&metadata);
    findings.extend(published::check(workspace)?);
    if findings.is_empty() {
        println!("tidy");
        return Ok(());
    }
    for finding in &findings {
        eprintln!("{finding}");
    }
    bail!("{} finding(s)", findings.len());
}
