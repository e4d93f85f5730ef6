//! Compares two editions of the document.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xshell::Shell;

use super::change::{Change, Impact};
use crate::generator;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// What changed from one to the other, the gravest first.
pub(super) fn compare(workspace: &Workspace, old: &Value, new: &Value) -> Result<Vec<Change>> {
    let mut changes = rules(workspace, &[[old, new]])?.remove(0);
    if !changes.is_empty() && changes.iter().all(|it| it.impact < Impact::Breaking) {
        changes.extend(interfaces(workspace, old, new)?);
    }
    changes.sort_by_key(|it| std::cmp::Reverse(it.impact));
    Ok(changes)
}

/// What the rules find in each two editions.
fn rules(workspace: &Workspace, editions: &[[&Value; 2]]) -> Result<Vec<Vec<Change>>> {
    ask(workspace, "diff", editions, |_| Ok(String::new()))
}

/// What the packages of all languages have lost for programs.
fn interfaces(workspace: &Workspace, old: &Value, new: &Value) -> Result<Vec<Change>> {
    tools::need(&["java"], "openjdk-17-jdk-headless")?;
    Tools::new(workspace).all()?;
    let mut felt = ask(workspace, "interfaces", &[[old, new]], generator::client)?;
    Ok(felt.remove(0))
}

/// What a script of `openapi` says of each two editions, all of them in folders with their clients in Rust.
fn ask(
    workspace: &Workspace,
    script: &str,
    editions: &[[&Value; 2]],
    client: impl Fn(&Value) -> Result<String>,
) -> Result<Vec<Vec<Change>>> {
    let (shell, all) = (Shell::new()?, tempfile::tempdir()?);
    let mut folders = Vec::new();
    for &edition in editions.as_flattened() {
        let folder = all.path().join(folders.len().to_string());
        fs::create_dir(&folder)?;
        fs::write(folder.join("client.rs"), client(edition)?)?;
        // The version follows from what changed, and is none.
        let mut edition = edition.clone();
        edition["info"]["version"] = "0.0.0".into();
        fs::write(folder.join("document.json"), edition.to_string())?;
        folders.push(folder);
    }
    let said = tools::output(Tools::new(workspace).script(&shell, script)?.args(folders))?;
    let said: Vec<_> = serde_json::from_str(&said).context("no lists of changes")?;
    ensure!(
        said.len() == editions.len(),
        "{} lists of changes",
        said.len()
    );
    Ok(said)
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

    /// What the rules say wrongly of seeds, which they have to call breaking, or not.
    fn wrong(seeds: &[Seed], breaking: bool) -> String {
        let before = seeds.iter().map(Seed::before);
        let both: Vec<_> = before
            .zip(seeds)
            .map(|(it, seed)| [seed.apply(&it), it])
            .collect();
        let both: Vec<_> = both.iter().map(|[new, old]| [old, new]).collect();
        let mut wrong = String::new();
        let said = rules(&Workspace::new(None), &both).unwrap();
        for (seed, changes) in seeds.iter().zip(said) {
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
        let wrong = wrong(&seeds, true);
        assert!(wrong.is_empty(), "{wrong}");
    }

    #[test]
    fn no_seeded_harmless_change_is_called_breaking() {
        needs!(needs::ALL);
        let seeds = seed::read(include_str!("harmless.json"));
        assert!(seeds.len() >= 8);
        let wrong = wrong(&seeds, false);
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
        let edited: Vec<_> = seeds.iter().map(|it| it.apply(&old)).collect();
        let both: Vec<_> = edited.iter().map(|it| [&old, it]).collect();
        let known = rules(&workspace, &both).unwrap();
        for (seed, known) in seeds.iter().zip(known) {
            let known = known.iter().any(|it| it.impact == Impact::Breaking);
            assert!(!known, "the rules know {}", seed.name);
            new = seed.apply(&new);
        }
        // Progenitor takes neither two successes nor two forms of a request.
        let rust = |it: &Value| generator::client(if *it == old { it } else { &without });
        let felt = ask(&workspace, "interfaces", &[[&old, &new]], rust).unwrap();
        let felt: String = felt[0].iter().map(|it| format!("{it}\n")).collect();
        for says in seeds.iter().map(|it| it.says.as_str()).chain(LANGUAGES) {
            assert!(felt.contains(says), "no {says} in\n{felt}");
        }
    }
}
