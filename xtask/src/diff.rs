//! `cargo xtask diff`: what changed since the document was last published, and which versions that asks for.

mod change;
mod compare;
mod release;

use std::fmt;

use anyhow::{Context as _, Result, bail};
use cargo_metadata::semver::Version;
use serde_json::Value;
use xshell::Shell;

use self::change::{Change, Impact};
pub(crate) use self::release::Versions;
use crate::document::Document;
use crate::published;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// What changed since the last version.
pub(crate) struct Verdict {
    last: Version,
    /// The gravest first.
    changes: Vec<Change>,
    /// The operations that it did not have.
    operations: Vec<String>,
    /// What document and crates have to be.
    pub(crate) next: Versions,
}

/// `cargo xtask diff`: tells what changed since the last version; fails while something is not raised or not told.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let document = &Document::read(workspace)?;
    let Some(verdict) = verdict(workspace, document)? else {
        println!("nothing was published yet");
        return Ok(());
    };
    println!("{verdict}");
    let missing = verdict.missing(workspace, document)?;
    if !missing.is_empty() {
        bail!(
            "{}\nall of it is done by: cargo xtask generate --release",
            missing.join("\n")
        );
    }
    Ok(())
}

/// What changed since the last version; nothing where there is none.
pub(crate) fn verdict(workspace: &Workspace, document: &Document) -> Result<Option<Verdict>> {
    let Some(last) = published::last(workspace)? else {
        return Ok(None);
    };
    let old_file = published::folder(workspace, &last).join(published::NAME);
    let old = std::fs::read_to_string(&old_file)
        .with_context(|| format!("cannot read {}", old_file.display()))?;
    let old = Document::parse(&old).map_err(|it| anyhow::anyhow!("published {last}: {it}"))?;
    let changes = compare::compare(workspace, old.value(), document.value())?;
    let impact = changes.first().map(|it| it.impact);
    let next = release::next(workspace, impact, &last)?;
    let before = operations(&old);
    let mut operations = operations(document);
    operations.retain(|it| !before.contains(it));
    Ok(Some(Verdict {
        last,
        changes,
        operations,
        next,
    }))
}

impl Verdict {
    /// What is not raised or not told yet.
    pub(crate) fn missing(
        &self,
        workspace: &Workspace,
        document: &Document,
    ) -> Result<Vec<String>> {
        release::missing(workspace, &self.last, &self.next, &version(document)?)
    }

    /// What it means for whom, and what a person has to do: a line each.
    pub(crate) fn meaning(&self) -> Vec<String> {
        let Some(gravest) = self.changes.first() else {
            return Vec::new();
        };
        let Versions { document, crates } = &self.next;
        let first = |impact| self.changes.iter().find(move |it| it.impact == impact);
        let mut lines = vec![match gravest.impact {
            Impact::Wording => "programs in any language: nothing changes for them".to_owned(),
            Impact::Addition => "programs in any language: nothing to do; in Rust those that write a struct out, instead of calling its `new`, \
                name one more member"
                .to_owned(),
            Impact::Breaking => "programs in any language: those that use what is breaking have to change".to_owned(),
        }];
        if let Some(addition) = first(Impact::Addition) {
            let what = match self.operations.is_empty() {
                true => addition.sentence.clone(),
                false => format!("call `{}`", self.operations.join("`, `")),
            };
            lines.push(format!("new programs can: {what}"));
        }
        lines.push(format!(
            "they get it from the crates {crates} and the packages {document}"
        ));
        for operation in &self.operations {
            lines.push(format!(
                "left to a person: what `{operation}` does in session and emulator, which answers by schema and example so far"
            ));
        }
        lines.push(
            "left to a person: a sentence in openapi/CHANGELOG.md, in place of the verdict's own"
                .to_owned(),
        );
        lines
    }

    /// Raises the versions, and writes what changed into the changelogs where it is not told yet.
    pub(crate) fn raise(&self, workspace: &Workspace) -> Result<()> {
        let Versions { document, crates } = &self.next;
        published::remove_drafts(workspace, document)?;
        let shell = Shell::new()?;
        let versions = [&self.last, document, crates].map(Version::to_string);
        let raise = Tools::new(workspace)
            .script(&shell, "raise")?
            .args(versions);
        let raise = raise.args(self.changes.iter().map(|it| &it.sentence));
        print!("{}", tools::output(raise)?);
        Ok(())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            last,
            changes,
            next,
            ..
        } = self;
        // `{:.5}` shows five of them.
        let shown = f.precision().unwrap_or(changes.len());
        for change in changes.iter().take(shown) {
            writeln!(f, "{change}")?;
        }
        if changes.len() > shown {
            writeln!(
                f,
                "and {} more, which `cargo xtask diff` tells",
                changes.len() - shown
            )?;
        }
        if changes.is_empty() {
            return write!(f, "nothing changed since {last}");
        }
        let count = |impact| changes.iter().filter(|it| it.impact == impact).count();
        let counted = [Impact::Breaking, Impact::Addition, Impact::Wording]
            .map(|impact| format!("{} {impact}", count(impact)));
        let counted = counted.join(", ");
        let Versions { document, crates } = next;
        write!(
            f,
            "since {last}: {counted}; the next version is {document}, with crates {crates}"
        )
    }
}

/// The ids of all operations.
fn operations(document: &Document) -> Vec<String> {
    let paths = document.value()["paths"].as_object().into_iter();
    let items = paths
        .flat_map(|it| it.values())
        .filter_map(Value::as_object);
    let operations = items.flat_map(|it| it.values());
    let ids = operations.filter_map(|it| it["operationId"].as_str());
    ids.map(str::to_owned).collect()
}

/// The document's version, in three numbers.
pub(crate) fn version(document: &Document) -> Result<Version> {
    let version = document.version()?;
    Version::parse(version)
        .with_context(|| format!("info.version `{version}` is not MAJOR.MINOR.PATCH"))
}
