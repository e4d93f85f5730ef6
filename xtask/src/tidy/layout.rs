//! The top level: nothing lies there but what is agreed.

use std::fs;

use anyhow::Result;

use crate::workspace::Workspace;

const AGREED: [&str; 11] = [
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "crates",
    "openapi",
    "target",
    "tests",
    "xtask",
];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(workspace.root())? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(findings(&names))
}

fn findings(names: &[String]) -> Vec<String> {
    names
        .iter()
        .filter(|name| !name.starts_with('.') && !AGREED.contains(&name.as_str()))
        .map(|name| format!("{name}: does not belong at the top level; move it into a folder"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_agreed_is_found() {
        let names = ["Cargo.toml", ".ci", "notes.txt"].map(str::to_owned);
        let findings = findings(&names);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].starts_with("notes.txt: "));
    }
}
