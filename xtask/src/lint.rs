//! The checks of the document: what the generator would drop without a word or trip over; all else are rules of Redocly.

mod dropped;
mod names;
mod operation;
mod redocly;
mod secret;

use std::fs;

use anyhow::{Context as _, Result, bail};
use xshell::Shell;

use crate::document::Document;
use crate::finding::Finding;
use crate::tools::Tools;
use crate::workspace::{DOCUMENT, Workspace};

/// The members of a path that are operations.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// `cargo xtask lint`: the rules of this project, then those of Redocly.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    document(workspace)?;
    println!("{DOCUMENT} is clean");
    Ok(())
}

/// The document, once neither the rules of this project nor those of Redocly find anything in it.
pub(crate) fn document(workspace: &Workspace) -> Result<Document> {
    let (document, mut findings) = read(workspace)?;
    // What is not readable as YAML is told once.
    if let Some(document) = &document {
        let (shell, tools) = (Shell::new()?, Tools::new(workspace));
        findings.extend(redocly::check(workspace, &shell, &tools, document)?);
    }
    clean(document, &findings)
}

/// The document, once the rules of this project find nothing that the generator would drop or trip over.
pub(crate) fn generatable(workspace: &Workspace) -> Result<Document> {
    let (document, findings) = read(workspace)?;
    clean(document, &findings)
}

fn clean(document: Option<Document>, findings: &[Finding]) -> Result<Document> {
    for finding in findings {
        eprintln!("{finding}");
    }
    match document {
        Some(document) if findings.is_empty() => Ok(document),
        _ => bail!(
            "{} finding(s) in {DOCUMENT}; nothing was written",
            findings.len()
        ),
    }
}

fn read(workspace: &Workspace) -> Result<(Option<Document>, Vec<Finding>)> {
    let text = fs::read_to_string(workspace.join(DOCUMENT));
    Ok(lint(
        &text.with_context(|| format!("cannot read {DOCUMENT}"))?,
    ))
}

/// Everything that is wrong with the document, in the order of its lines.
fn lint(text: &str) -> (Option<Document>, Vec<Finding>) {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(finding) => return (None, vec![finding]),
    };
    let rules: [fn(&Document) -> Vec<Finding>; 4] = [
        dropped::check,
        names::check,
        operation::check,
        secret::check,
    ];
    let mut findings: Vec<_> = rules.iter().flat_map(|rule| rule(&document)).collect();
    findings.sort();
    (Some(document), findings)
}

#[cfg(test)]
mod facts;
#[cfg(test)]
mod page;
#[cfg(test)]
mod tests;
