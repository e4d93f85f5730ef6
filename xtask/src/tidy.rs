//! `cargo xtask tidy`: what no compiler checks.

mod changelog;
mod edges;
mod files;
mod layout;
mod published;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = layout::check(workspace)?;
    findings.extend(files::check(workspace)?);
    findings.extend(edges::check(workspace)?);
    findings.extend(changelog::check(workspace)?);
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
