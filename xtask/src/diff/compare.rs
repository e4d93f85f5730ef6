//! Compares two editions of the document.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::Shell;

use super::change::{Change, Impact};
use super::rust;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// What changed from one to the other, the gravest first.
pub(super) fn compare(workspace: &Workspace, old: &Value, new: &Value) -> Result<Vec<Change>> {
    let (shell, folder) = (Shell::new()?, tempfile::tempdir()?);
    let files = [("old.json", old), ("new.json", new)].map(|(name, document)| {
        let file = folder.path().join(name);
        fs::write(&file, document.to_string()).map(|()| file)
    });
    let [old_file, new_file] = files;
    let differ = Tools::new(workspace).script(&shell, "diff")?;
    let said = tools::output(differ.args([old_file?, new_file?]))?;
    let changes = serde_json::from_str(&said);
    let mut changes: Vec<Change> = changes.context("no list of changes")?;
    if changes.iter().all(|it| it.impact < Impact::Breaking) {
        changes.extend(rust::compare(old, new)?);
    }
    changes.sort_by_key(|it| std::cmp::Reverse(it.impact));
    Ok(changes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs::{self, needs};
    use crate::seed::{self, Seed};

    /// What is said of every seeded change.
    fn compare_all(seeds: &[Seed]) -> Vec<Vec<Change>> {
        let workspace = Workspace::new(None);
        let all = seeds.iter().map(|seed| {
            let old = seed.before();
            compare(&workspace, &old, &seed.apply(&old)).unwrap()
        });
        all.collect()
    }

    fn check(seeds: &[Seed], impact: impl Fn(Impact) -> bool) {
        let wrong: Vec<_> = seeds
            .iter()
            .zip(compare_all(seeds))
            .filter(|(seed, changes)| {
                let told = changes.iter().any(|it| it.to_string().contains(&seed.says));
                // Compilers are asked where the rules find nothing breaking, and find no more than they do.
                let compiled = |it: &Change| {
                    ["TypeScript: ", "Go: ", "Rust: "]
                        .iter()
                        .any(|of| it.sentence.starts_with(of))
                };
                !told
                    || changes.iter().any(compiled)
                    || !changes.first().is_some_and(|it| impact(it.impact))
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
        assert!(seeds.len() >= 40);
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
