//! `cargo xtask generate`: from the document to all that is made of it, and what its change means for whom.

use anyhow::{Result, bail};

use crate::diff;
use crate::document::Document;
use crate::generator;
use crate::interface;
use crate::lint;
use crate::outputs::{self, Output};
use crate::publish;
use crate::tools::Tools;
use crate::workspace::{DOCUMENT, EMULATED, Workspace};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing; show what is stale and fail if anything is.
    #[arg(long)]
    check: bool,
    /// Raise the versions too, write the changelogs' headings, and publish: editions, reference page, packages.
    #[arg(long, conflicts_with = "check")]
    release: bool,
    #[command(flatten)]
    publish: publish::Made,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if arguments.release {
        let document = lint::document(workspace)?;
        if let Some(verdict) = diff::verdict(workspace, &document)? {
            verdict.raise(workspace)?;
        }
    }
    let document = lint::generatable(workspace)?;
    let value = document.value();
    let mut outputs = generator::outputs(value)?;
    outputs.push(Output {
        path: EMULATED,
        content: serde_json::to_string_pretty(value)? + "\n",
    });
    let diffs = outputs::diff(workspace, &outputs)?;
    let mut stale = Vec::new();
    if arguments.check {
        print!("{diffs}");
        if !diffs.is_empty() {
            stale.push(format!("generated code is stale against {DOCUMENT}"));
        }
    } else {
        for path in outputs::write(workspace, &outputs)? {
            println!("wrote {path}");
        }
    }
    if arguments.release {
        publish::make(workspace, &arguments.publish, false)?;
        // Packages want all languages; the lists of the libraries want a compiler.
        if !arguments.publish.no_packages {
            interface::write(workspace)?;
        }
    }
    // Without its tools there is no verdict; a machine with Rust alone generates nevertheless.
    if Tools::new(workspace).can_compare() {
        let left = tell(workspace, &document)?;
        stale.extend(left.into_iter().filter(|_| arguments.check));
    } else {
        println!(
            "what the change means is told by `cargo xtask diff`, which needs the tools of `cargo xtask setup`"
        );
    }
    if arguments.check {
        stale.extend(publish::stale(workspace, &document)?);
    }
    if !stale.is_empty() {
        bail!(
            "{}\nmend it with: cargo xtask generate, and at the end cargo xtask generate --release",
            stale.join("\n")
        );
    }
    println!("{} generated files are up to date", outputs.len());
    Ok(())
}

/// What changes for whom, and what is left to a person; gives what is left to the release.
fn tell(workspace: &Workspace, document: &Document) -> Result<Vec<String>> {
    let Some(verdict) = diff::verdict(workspace, document)? else {
        return Ok(Vec::new());
    };
    println!("{verdict:.5}");
    for line in verdict.meaning() {
        println!("  {line}");
    }
    let missing = verdict.missing(workspace, document)?;
    if !missing.is_empty() {
        println!(
            "  left to `cargo xtask generate --release`: {}",
            missing.join("; ")
        );
    }
    Ok(missing)
}
