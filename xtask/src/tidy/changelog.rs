//! The changelog: an *Unreleased* section on top, in the agreed words, one line an entry.

use std::fs;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

const FILE: &str = "CHANGELOG.md";
const KINDS: [&str; 3] = ["Added", "Fixed", "Changed"];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let text = fs::read_to_string(workspace.join(FILE)).context("cannot read CHANGELOG.md")?;
    Ok(findings(&text))
}

fn findings(text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let first = text.lines().find(|line| line.starts_with("## "));
    if first != Some("## Unreleased") {
        findings.push(format!("{FILE}: the first section is not `## Unreleased`"));
    }
    for (i, line) in text.lines().enumerate() {
        let line_number = i + 1;
        if let Some(kind) = line.strip_prefix("### ")
            && !KINDS.contains(&kind)
        {
            let kinds = KINDS.join(", ");
            findings.push(format!("{FILE}:{line_number}: `{kind}` is none of {kinds}"));
        }
        if line.starts_with(' ') && !line.trim().is_empty() {
            findings.push(format!("{FILE}:{line_number}: an entry takes one line"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changelog_in_the_agreed_form_is_clean() {
        let text = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n";
        assert!(findings(text).is_empty());
    }

    #[test]
    fn a_missing_section_another_word_and_a_second_line_are_found() {
        let text = "# Changelog\n\n## 0.1.0\n\n### Removed\n\n- A thing\n  of two lines.\n";
        let findings = findings(text);
        assert_eq!(findings.len(), 3, "{findings:?}");
        assert!(findings[1].starts_with("CHANGELOG.md:5: "));
        assert!(findings[2].starts_with("CHANGELOG.md:8: "));
    }
}
