//! `cargo xtask generate`: from the document to the client and its mocks.

use anyhow::{Result, bail};

use crate::generator;
use crate::lint;
use crate::outputs::{self, Output};
use crate::test;
use crate::workspace::{DOCUMENT, EMULATED, Workspace};

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
    let document = lint::generatable(workspace)?;
    let document = document.value();
    let mut outputs = generator::outputs(&serde_json::from_value(document.clone())?)?;
    outputs.push(Output {
        path: EMULATED,
        content: serde_json::to_string_pretty(document)? + "\n",
    });
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
