//! `cargo xtask generate`: from the document to the client and its mocks.

use std::fs;

use anyhow::{Context as _, Result, bail};
use openapiv3::OpenAPI;

use crate::document::Document;
use crate::generator;
use crate::lint::lint;
use crate::outputs;
use crate::test;
use crate::workspace::{DOCUMENT, Workspace};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; show what is stale and fail if anything is.
    #[arg(long)]
    check: bool,
    /// Then run everything that CI runs.
    #[arg(long, conflicts_with = "check")]
    test: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let text = fs::read_to_string(workspace.join(DOCUMENT))
        .with_context(|| format!("cannot read {DOCUMENT}"))?;
    let outputs = generator::outputs(&read(&text)?)?;
    if arguments.check {
        let diffs = outputs::diff(workspace, &outputs)?;
        if !diffs.is_empty() {
            print!("{diffs}");
            bail!("generated code is stale against {DOCUMENT}; mend it with: cargo xtask generate");
        }
        println!("{} generated files are up to date", outputs.len());
    } else {
        let written = outputs::write(workspace, &outputs)?;
        for path in &written {
            println!("wrote {path}");
        }
        if written.is_empty() {
            println!("{} generated files were up to date", outputs.len());
        }
    }
    if arguments.test {
        test::run(workspace, &test::Arguments::default())?;
    }
    Ok(())
}

/// The document, once nothing is wrong with it.
fn read(text: &str) -> Result<OpenAPI> {
    let findings = lint(text);
    if !findings.is_empty() {
        for finding in &findings {
            eprintln!("{finding}");
        }
        bail!(
            "{} finding(s) in {DOCUMENT}; nothing was written",
            findings.len()
        );
    }
    match Document::parse(text) {
        Ok(document) => Ok(serde_json::from_value(document.value().clone())?),
        Err(finding) => bail!("{finding}"),
    }
}
