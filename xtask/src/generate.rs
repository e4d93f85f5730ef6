//! `cargo xtask generate`: from the document to all that is made of it, and what its change means for whom.

use anyhow::{Result, bail};

use crate::diff::{self, Verdict};
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
    /// Leave out the reference page, the packages, and the lists of what users can name.
    #[arg(long, requires = "release")]
    no_packages: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let mut verdict = None;
    if arguments.release {
        verdict = diff::verdict(workspace, &lint::document(workspace)?)?;
        if let Some(verdict) = &verdict {
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
        publish::editions(workspace, &document, true)?;
        if !arguments.no_packages {
            publish::all(workspace)?;
            interface::write(workspace)?;
        }
    } else if Tools::new(workspace).can_compare() {
        verdict = diff::verdict(workspace, &document)?;
    } else {
        // A machine with Rust alone generates nevertheless.
        println!(
            "what the change means is told by `cargo xtask diff`, which needs the tools of `cargo xtask setup`"
        );
    }
    if let Some(verdict) = verdict {
        let left = tell(workspace, &document, &verdict)?;
        stale.extend(left.into_iter().filter(|_| arguments.check));
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
fn tell(workspace: &Workspace, document: &Document, verdict: &Verdict) -> Result<Vec<String>> {
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
