//! The checks of the document: what the reader would drop, what the generators would trip over, what the vendor's page says.

mod dropped;
mod lenient;
mod names;
mod operation;
mod page;
mod redocly;
mod secret;

use std::fs;

use anyhow::{Context as _, Result, bail};
use xshell::Shell;

use crate::document::Document;
use crate::finding::Finding;
use crate::tools::Tools;
use crate::workspace::{DOCUMENT, PAGE, Workspace};

/// The members of a path that are operations.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// `cargo xtask lint`: the rules of this project, then those of Redocly.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut findings = check(workspace)?;
    let shell = Shell::new()?;
    findings.extend(redocly::check(workspace, &shell, &Tools::new(workspace))?);
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        bail!("{} finding(s) in {DOCUMENT}", findings.len());
    }
    println!("{DOCUMENT} is clean");
    Ok(())
}

/// What the rules of this project find in the document of a workspace.
pub(crate) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let read = |path| {
        fs::read_to_string(workspace.join(path)).with_context(|| format!("cannot read {path}"))
    };
    Ok(lint(&read(DOCUMENT)?, &read(PAGE)?))
}

/// Everything that is wrong with the document, in the order of its lines.
fn lint(text: &str, page: &str) -> Vec<Finding> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(finding) => return vec![finding],
    };
    let first: [fn(&Document) -> Vec<Finding>; 4] = [
        dropped::check,
        names::check,
        operation::check,
        secret::check,
    ];
    let mut findings: Vec<_> = first.iter().flat_map(|rule| rule(&document)).collect();
    // What is broken already is not told again as a deviation.
    if findings.is_empty() {
        findings = lenient::check(&document);
        findings.extend(page::check(&document, page));
    }
    findings.sort();
    findings
}

#[cfg(test)]
mod tests;
