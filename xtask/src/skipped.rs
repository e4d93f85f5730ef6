//! The tests that could not run here, as they wrote it down themselves (`tests/it/needs.rs`).

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Names the file for the tests. Without it, a test that cannot run fails.
pub(crate) const VARIABLE: &str = "PRANCER_SKIPPED_TESTS";

/// What was not run, by what it needs; nothing where everything was run.
pub(crate) fn told(file: &Path) -> Result<String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(table(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
    }
}

/// Of lines that hold what is needed, a tab and the name of a test.
fn table(text: &str) -> String {
    let mut tests = BTreeMap::<&str, Vec<&str>>::new();
    for line in text.lines() {
        let (needed, test) = line.split_once('\t').unwrap_or((line, "?"));
        tests.entry(needed).or_default().push(test);
    }
    let mut table = String::new();
    for (needed, mut names) in tests {
        names.sort_unstable();
        let plural = if names.len() == 1 { "" } else { "s" };
        table += &format!("not run here: {} test{plural}, {needed}\n", names.len());
        for name in names {
            table += &format!("    {name}\n");
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted_and_named_by_what_they_need() {
        let lines = "redis-server\tit::b\nzsh, fish\tit::c\nredis-server\tit::a\n";
        let expected = "not run here: 2 tests, redis-server\n    it::a\n    it::b\n\
            not run here: 1 test, zsh, fish\n    it::c\n";
        assert_eq!(table(lines), expected);
        assert_eq!(table(""), "");
    }
}
