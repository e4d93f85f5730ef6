//! Compares two editions of the document.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::Shell;

use super::change::{Change, Impact};
use crate::generator;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// What changed from one to the other, the gravest first.
pub(super) fn compare(workspace: &Workspace, old: &Value, new: &Value) -> Result<Vec<Change>> {
    let mut changes = rules(workspace, old, new)?;
    if !changes.is_empty() && changes.iter().all(|it| it.impact < Impact::Breaking) {
        changes.extend(interfaces(workspace, old, new)?);
    }
    changes.sort_by_key(|it| std::cmp::Reverse(it.impact));
    Ok(changes)
}

/// What the rules find.
fn rules(workspace: &Workspace, old: &Value, new: &Value) -> Result<Vec<Change>> {
    ask(workspace, "diff", [old, new], |_| Ok(String::new()))
}

/// What the packages of all languages have lost for programs.
fn interfaces(workspace: &Workspace, old: &Value, new: &Value) -> Result<Vec<Change>> {
    tools::need(&["java"], "openjdk-17-jdk-headless")?;
    Tools::new(workspace).all()?;
    ask(workspace, "interfaces", [old, new], generator::client)
}

/// What a script of `openapi` says of two editions, each in a folder with its client in Rust.
fn ask(
    workspace: &Workspace,
    script: &str,
    editions: [&Value; 2],
    client: impl Fn(&Value) -> Result<String>,
) -> Result<Vec<Change>> {
    let (shell, folder) = (Shell::new()?, tempfile::tempdir()?);
    let folders = ["old", "new"].map(|it| folder.path().join(it));
    for (edition, folder) in editions.into_iter().zip(&folders) {
        fs::create_dir(folder)?;
        fs::write(folder.join("client.rs"), client(edition)?)?;
        // The version follows from what changed, and is none.
        let mut edition = edition.clone();
        edition["info"]["version"] = "0.0.0".into();
        fs::write(folder.join("document.json"), edition.to_string())?;
    }
    let said = tools::output(Tools::new(workspace).script(&shell, script)?.args(folders))?;
    serde_json::from_str(&said).context("no list of changes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::needs::{self, needs};
    use crate::seed::{self, Seed};

    const LANGUAGES: [&str; 6] = [
        "Rust: ",
        "Python: ",
        "TypeScript: ",
        "Go: ",
        "Java: ",
        "PHP: ",
    ];

    /// What this says wrongly of seeds, which it has to call breaking, or not.
    fn wrong(
        seeds: &[Seed],
        compare: impl Fn(&Workspace, &Value, &Value) -> Result<Vec<Change>>,
        breaking: bool,
    ) -> String {
        let workspace = Workspace::new(None);
        let mut wrong = String::new();
        for seed in seeds {
            let old = seed.before();
            let changes = compare(&workspace, &old, &seed.apply(&old)).unwrap();
            let changes: Vec<_> = changes.iter().map(|it| format!("{it}\n")).collect();
            let told = changes.iter().any(|it| it.contains(&seed.says));
            if !told || changes.iter().any(|it| it.starts_with("breaking")) != breaking {
                let (name, says) = (&seed.name, &seed.says);
                wrong += &format!("{name}: not {says:?} but\n{}\n", changes.concat());
            }
        }
        wrong
    }

    #[test]
    fn every_seeded_breaking_change_is_called_breaking_by_the_rules() {
        needs!(needs::ALL);
        let seeds = seed::read(include_str!("breaking.json"));
        assert!(seeds.len() >= 40);
        let wrong = wrong(&seeds, rules, true);
        assert!(wrong.is_empty(), "{wrong}");
    }

    #[test]
    fn no_seeded_harmless_change_is_called_breaking() {
        needs!(needs::ALL);
        let seeds = seed::read(include_str!("harmless.json"));
        assert!(seeds.len() >= 8);
        let wrong = wrong(&seeds, rules, false);
        assert!(wrong.is_empty(), "{wrong}");
        // All at once: to ask the packages of each would take minutes.
        let (mut old, mut new) = (seed::document(), seed::document());
        for seed in &seeds {
            (old, new) = (seed.prepare(&old), seed.apply(&seed.prepare(&new)));
        }
        let felt = interfaces(&Workspace::new(None), &old, &new).unwrap();
        let felt: String = felt.iter().map(|it| format!("{it}\n")).collect();
        assert!(felt.is_empty(), "{felt}");
    }

    #[test]
    fn what_only_the_packages_of_a_language_lose_is_breaking_and_all_of_them_lose_an_operation() {
        needs!(needs::ALL);
        let workspace = Workspace::new(None);
        let seeds = seed::read(include_str!("felt.json"));
        let old = seed::document();
        let mut without = old.clone();
        let paths = without["paths"].as_object_mut().unwrap();
        assert!(paths.remove("/api/refresh/token/").is_some());
        let mut new = without.clone();
        for seed in &seeds {
            let known = rules(&workspace, &old, &seed.apply(&old)).unwrap();
            let known = known.iter().any(|it| it.impact == Impact::Breaking);
            assert!(!known, "the rules know {}", seed.name);
            new = seed.apply(&new);
        }
        // Progenitor takes neither two successes nor two forms of a request.
        let rust = |it: &Value| generator::client(if *it == old { it } else { &without });
        let felt = ask(&workspace, "interfaces", [&old, &new], rust).unwrap();
        let felt: String = felt.iter().map(|it| format!("{it}\n")).collect();
        for says in seeds.iter().map(|it| it.says.as_str()).chain(LANGUAGES) {
            assert!(felt.contains(says), "no {says} in\n{felt}");
        }
    }
}
