//! Compares two editions of the document.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::Shell;

use super::change::{Change, Impact};
use super::felt;
use crate::tools::{self, Tools};

/// What changed from one file to the other, the gravest first.
pub(super) fn compare(
    shell: &Shell,
    tools: &Tools,
    old: (&Path, &Value),
    new: (&Path, &Value),
) -> Result<Vec<Change>> {
    let report = tools::output(
        tools
            .redocly(shell)?
            .args(["diff", "--format", "json", "--fail-on", "none"])
            .args([old.0, new.0]),
    )?;
    let report: Value = serde_json::from_str(&report).context("redocly gave no report")?;
    let reported = report["changes"].as_array();
    let reported = reported.context("redocly reported no list of changes")?;
    let mut changes: Vec<_> = reported
        .iter()
        // The version is what follows from the changes.
        .filter(|it| it["path"] != "#/info" || it["property"] != "version")
        .map(Change::read)
        .chain(types_gone(old.1, new.1))
        .chain(felt::check(old.1, new.1))
        .collect();
    if changes.is_empty() && without_version(old.1) != without_version(new.1) {
        changes.push(Change {
            impact: Impact::Wording,
            pointer: String::new(),
            sentence: "Examples, or the order of what has none, changed.".to_owned(),
        });
    }
    changes.sort_by_key(|it| std::cmp::Reverse(it.impact));
    Ok(changes)
}

/// The text of a document, but for its version.
fn without_version(document: &Value) -> String {
    let mut document = document.clone();
    document["info"]["version"] = Value::Null;
    document.to_string()
}

/// The named schemas that are no more: they are types of the generated clients, whatever goes over the wire.
fn types_gone(old: &Value, new: &Value) -> Vec<Change> {
    let pointer = "/components/schemas";
    let names = |document: &Value| {
        let schemas = document.pointer(pointer).and_then(Value::as_object);
        let names = schemas.into_iter().flatten();
        names.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let there = names(new);
    names(old)
        .into_iter()
        .filter(|name| !there.contains(name))
        .map(|name| Change {
            impact: Impact::Breaking,
            pointer: format!("{pointer}/{name}"),
            sentence: format!("Type `{name}` of the generated clients was removed."),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs::{self, needs};
    use crate::seed::{self, Seed};
    use crate::workspace::Workspace;

    /// What is said of every seeded change.
    fn compare_all(seeds: &[Seed]) -> Vec<Vec<Change>> {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, document: &Value| {
            let file = folder.path().join(name);
            std::fs::write(&file, document.to_string()).unwrap();
            file
        };
        let old = seed::document();
        let old_file = write("old.json", &old);
        let (shell, tools) = (Shell::new().unwrap(), Tools::new(&Workspace::new(None)));
        let all = seeds.iter().map(|seed| {
            let new = seed.apply(&old);
            let new_file = write("new.json", &new);
            compare(&shell, &tools, (&old_file, &old), (&new_file, &new)).unwrap()
        });
        all.collect()
    }

    fn check(seeds: &[Seed], impact: impl Fn(Impact) -> bool) {
        let wrong: Vec<_> = seeds
            .iter()
            .zip(compare_all(seeds))
            .filter(|(seed, changes)| {
                let told = changes.iter().any(|it| it.to_string().contains(&seed.says));
                !told || !changes.first().is_some_and(|it| impact(it.impact))
            })
            .map(|(seed, changes)| {
                let changes = changes.iter().map(|it| format!("{it}\n"));
                format!(
                    "{}: not {:?} but\n{}",
                    seed.name,
                    seed.says,
                    changes.collect::<String>()
                )
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn every_seeded_breaking_change_is_called_breaking() {
        needs!(needs::ALL);
        let seeds = seed::read(include_str!("breaking.json"));
        assert!(seeds.len() >= 17);
        check(&seeds, |impact| impact == Impact::Breaking);
    }

    #[test]
    fn no_seeded_harmless_change_is_called_breaking() {
        needs!(needs::ALL);
        let seeds = seed::read(include_str!("harmless.json"));
        assert!(seeds.len() >= 8);
        check(&seeds, |impact| impact < Impact::Breaking);
    }
}
