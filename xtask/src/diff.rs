//! `cargo xtask diff`: what changed since the document was last published, and which version that asks for.

mod change;
mod compare;
mod release;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::semver::Version;
use xshell::Shell;

use self::change::{Change, Impact};
use crate::document::Document;
use crate::published;
use crate::tools::Tools;
use crate::workspace::{DOCUMENT, Workspace};

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    check(workspace, &Document::read(workspace)?)
}

/// Tells what changed in this document since the last version; fails while something is not raised or not told.
pub(crate) fn check(workspace: &Workspace, document: &Document) -> Result<()> {
    let version = version(document)?;
    let Some(last) = published::last(workspace)? else {
        println!("nothing was published yet; {version} is the first");
        return Ok(());
    };
    let old_file = published::folder(workspace, &last).join(published::NAME);
    let old = std::fs::read_to_string(&old_file)
        .with_context(|| format!("cannot read {}", old_file.display()))?;
    let old = Document::parse(&old).map_err(|it| anyhow::anyhow!("published {last}: {it}"))?;
    let changes = compare::compare(
        &Shell::new()?,
        &Tools::new(workspace),
        (&old_file, old.value()),
        (&workspace.join(DOCUMENT), document.value()),
    )?;

    for change in &changes {
        println!("{change}");
    }
    let Some(gravest) = changes.first() else {
        if version != last {
            bail!(
                "nothing changed since {last}, but info.version is {version}; take it back to {last}"
            );
        }
        println!("nothing changed since {last}");
        return Ok(());
    };
    let next = gravest.impact.next(&last);
    println!(
        "since {last}: {}; the next version is {next}",
        counted(&changes)
    );
    let missing = release::missing(workspace, gravest.impact, &last, &version)?;
    if !missing.is_empty() {
        bail!("{}", missing.join("\n"));
    }
    Ok(())
}

/// The document's version, in three numbers.
pub(crate) fn version(document: &Document) -> Result<Version> {
    let version = document.version()?;
    Version::parse(version)
        .with_context(|| format!("info.version `{version}` is not MAJOR.MINOR.PATCH"))
}

fn counted(changes: &[Change]) -> String {
    let count = |impact| changes.iter().filter(|it| it.impact == impact).count();
    [Impact::Breaking, Impact::Addition, Impact::Wording]
        .map(|impact| format!("{} {impact}", count(impact)))
        .join(", ")
}
