//! Source files: each opens with a sentence that says what it is, and stays short.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::workspace::{CLIENT, HTTPMOCK, SCHEMAS, Workspace};

/// The longest a hand-written file may be, in lines.
const LINE_LIMIT: usize = 300;
/// The longest a file of tests may be, which is a list of stories more than a whole.
const TEST_LINE_LIMIT: usize = 400;
const FOLDERS: [&str; 3] = ["crates", "tests", "xtask"];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&workspace.join(folder), &mut files)?;
    }
    files.sort();
    let mut findings = Vec::new();
    for file in files {
        let path = file.strip_prefix(workspace.root()).unwrap_or(&file);
        let path = path.to_string_lossy().replace('\\', "/");
        if ![CLIENT, HTTPMOCK, SCHEMAS].contains(&path.as_str()) {
            let text = fs::read_to_string(&file).with_context(|| format!("cannot read {path}"))?;
            findings.extend(of_file(&path, &text));
        }
    }
    Ok(findings)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn of_file(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let opening = text.lines().next().unwrap_or_default();
    if !opening.starts_with("//! ") && !opening.starts_with("#![doc = include_str!(") {
        findings.push(format!(
            "{path}:1: opens without a word on what it is; start it with `//!` and one sentence"
        ));
    }
    let lines = text.lines().count();
    let is_test =
        path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs");
    let limit = if is_test { TEST_LINE_LIMIT } else { LINE_LIMIT };
    if lines > limit {
        findings.push(format!(
            "{path}: {lines} lines, more than {limit}; split it by its nouns"
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_header_is_found() {
        assert!(of_file("a.rs", "//! What it is.\n").is_empty());
        assert!(of_file("lib.rs", "#![doc = include_str!(\"../README.md\")]\n").is_empty());
        assert!(of_file("a.rs", "use std::fs;\n")[0].starts_with("a.rs:1: opens without"));
        assert_eq!(of_file("a.rs", "").len(), 1);
    }

    #[test]
    fn a_file_that_is_too_long_is_found() {
        let text = |lines: usize| format!("//! What it is.\n{}", "x\n".repeat(lines - 1));
        assert!(of_file("a.rs", &text(LINE_LIMIT)).is_empty());
        assert!(of_file("a.rs", &text(LINE_LIMIT + 1))[0].contains("301 lines"));
        assert!(of_file("tests/it/a.rs", &text(LINE_LIMIT + 1)).is_empty());
        assert!(of_file("a/tests.rs", &text(TEST_LINE_LIMIT + 1))[0].contains("401 lines"));
    }
}
