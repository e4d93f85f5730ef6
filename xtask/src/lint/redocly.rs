//! Redocly's rules, those of `openapi/redocly.yaml`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use xshell::Shell;

use crate::document::Document;
use crate::finding::Finding;
use crate::tools::Tools;
use crate::workspace::{DOCUMENT, Workspace};

/// The ruleset, below the root of the workspace.
const RULES: &str = "openapi/redocly.yaml";

/// What Redocly finds in the document of a workspace; the lines are those of `document`.
pub(super) fn check(
    workspace: &Workspace,
    shell: &Shell,
    tools: &Tools,
    document: &Document,
) -> Result<Vec<Finding>> {
    let rules = workspace.join(RULES);
    let problems = problems(shell, tools, &rules, &[workspace.join(DOCUMENT)])?;
    Ok(problems
        .iter()
        .map(|it| finding(Some(document), it))
        .collect())
}

/// What Redocly finds in the files, in its own form.
fn problems(shell: &Shell, tools: &Tools, rules: &Path, files: &[PathBuf]) -> Result<Vec<Value>> {
    let report = tools
        .redocly(shell)?
        .args(["lint", "--format", "json", "--max-problems", "10000"])
        .args(["--lint-config", "error", "--config"])
        .arg(rules)
        .args(files)
        .quiet()
        .ignore_status()
        .output()?;
    let said = || String::from_utf8_lossy(&report.stderr).into_owned();
    let mut problems = Vec::new();
    // A report for each file, one after the other.
    let reports = serde_json::Deserializer::from_slice(&report.stdout);
    let mut count = 0;
    for report in reports.into_iter::<Value>() {
        let mut report = report.with_context(|| format!("redocly gave no report:\n{}", said()))?;
        match report["problems"].take() {
            Value::Array(found) => problems.extend(found),
            _ => bail!("redocly gave no problems:\n{}", said()),
        }
        count += 1;
    }
    if count != files.len() {
        bail!("redocly gave {count} reports:\n{}", said());
    }
    Ok(problems)
}

fn finding(document: Option<&Document>, problem: &Value) -> Finding {
    let location = &problem["location"][0];
    let pointer = location["pointer"].as_str().unwrap_or_default();
    let pointer = pointer.trim_start_matches('#').trim_end_matches('/');
    let message = problem["message"].as_str().unwrap_or_default();
    let rule = problem["ruleId"].as_str().unwrap_or_default();
    Finding {
        line: document.map_or(1, |it| it.line(pointer)),
        pointer: pointer.to_owned(),
        problem: message.trim_end_matches('.').replace('\n', " "),
        remedy: format!("{} (the rule is `{rule}` of {RULES})", remedy(rule)),
    }
}

/// What to do, for the rules that Redocly brings along; those of the ruleset say it themselves.
const REMEDIES: &str = include_str!("remedies.json");

fn remedy(rule: &str) -> String {
    let remedies: Value = serde_json::from_str(REMEDIES).unwrap_or_default();
    let remedy = remedies[rule].as_str();
    remedy.unwrap_or("mend what it says").to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::fs;

    use super::*;
    use crate::needs::{self, needs};
    use crate::seed;

    /// What both lints say of each document, one a line.
    fn say(documents: &[String]) -> Vec<String> {
        let workspace = Workspace::new(None);
        let page = fs::read_to_string(workspace.join(crate::lint::page::PAGE)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (i, document) in documents.iter().enumerate() {
            let file = folder.path().join(format!("{i}.json"));
            fs::write(&file, document).unwrap();
            files.push(file);
        }
        let (shell, tools) = (Shell::new().unwrap(), Tools::new(&workspace));
        let rules = workspace.join(RULES);
        let mut said = HashMap::<String, String>::new();
        for problem in problems(&shell, &tools, &rules, &files).unwrap() {
            let file = problem["location"][0]["source"]["ref"].as_str().unwrap();
            let name = file.rsplit('/').next().unwrap().to_owned();
            *said.entry(name).or_default() += &format!("{}\n", finding(None, &problem));
        }
        let both = documents.iter().enumerate().map(|(i, document)| {
            let (read, own) = super::super::lint(document);
            let page = read.iter().flat_map(|it| {
                let facts = super::super::facts::check(it);
                facts
                    .into_iter()
                    .chain(super::super::page::check(it, &page))
            });
            let own = own.into_iter().chain(page);
            let own = own.map(|it| format!("{it}\n")).collect::<String>();
            own + said.get(&format!("{i}.json")).map_or("", String::as_str)
        });
        both.collect()
    }

    #[test]
    fn every_rule_of_redocly_has_a_remedy() {
        let rules = fs::read_to_string(Workspace::new(None).join(RULES)).unwrap();
        let rules = Document::parse(&rules).unwrap();
        for (rule, severity) in rules.value()["rules"].as_object().unwrap() {
            let own = rule.starts_with("rule/") || severity == "off";
            assert!(own || remedy(rule) != remedy(""), "{rule} has no remedy");
        }
    }

    #[test]
    fn every_rule_that_is_inherited_has_a_remedy() {
        needs!(needs::ALL);
        let core = "target/tools/redocly/node_modules/@redocly/openapi-core";
        let file = format!("{core}/lib/config/recommended-strict.js");
        let all = fs::read_to_string(Workspace::new(None).join(&file)).unwrap();
        let of = |part: &str| {
            let start = all.split(&format!("    {part}: {{\n")).nth(1).unwrap();
            start.split("\n    },").next().unwrap().to_owned()
        };
        let rules = of("rules") + "\n" + &of("oas3_0Rules");
        let ours = fs::read_to_string(Workspace::new(None).join(RULES)).unwrap();
        let mut count = 0;
        for line in rules.lines() {
            let Some((rule, severity)) = line.trim().split_once(": ") else {
                continue;
            };
            let rule = rule.trim_matches('\'');
            let is_on = ["'error'", "'warn'", "{"]
                .iter()
                .any(|it| severity.starts_with(it));
            if is_on && rule != "severity" && !ours.contains(&format!("  {rule}: off")) {
                assert!(remedy(rule) != remedy(""), "{rule} has no remedy");
                count += 1;
            }
        }
        assert!(count > 20, "{count} rules in {file}");
    }

    #[test]
    fn every_seeded_defect_is_found_for_what_it_is() {
        needs!(needs::ALL);
        let seeds = seed::read(include_str!("defects.json"));
        assert!(seeds.len() >= 30);
        let sound = seed::document().to_string();
        let broken = seeds
            .iter()
            .map(|it| it.apply(&seed::document()).to_string());
        let documents: Vec<_> = std::iter::once(sound).chain(broken).collect();
        let said = say(&documents);
        assert_eq!(said[0], "", "the document itself has findings");
        let missed: Vec<_> = seeds
            .iter()
            .zip(&said[1..])
            .filter(|(seed, said)| !said.contains(&seed.says))
            .map(|(seed, said)| format!("{}: not {:?} but\n{said}", seed.name, seed.says))
            .collect();
        assert!(missed.is_empty(), "{}", missed.join("\n"));
    }
}
