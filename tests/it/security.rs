//! `SECURITY.md` promises nothing that no test holds.

use std::fs;
use std::path::Path;

#[test]
fn every_promise_names_a_test_that_exists() {
    let root = Path::new("..");
    let promises = fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let (protected, _) = promises.split_once("## What is not protected").unwrap();
    let promises = protected.lines().filter(|it| it.starts_with("- "));
    let mut named = 0;
    for promise in promises {
        let test = promise.split('`').rev().nth(1).unwrap();
        let (file, name) = test
            .split_once(": ")
            .unwrap_or_else(|| panic!("no test: {promise}"));
        let source = fs::read_to_string(root.join(file)).unwrap_or_else(|_| panic!("no {file}"));
        let tests: Vec<_> = source
            .split("#[test]")
            .chain(source.split("#[tokio::test"))
            .collect();
        let is_test = tests.iter().skip(1).any(|it| {
            it.lines().take(4).any(|line| {
                line.trim()
                    .trim_start_matches("async ")
                    .starts_with(&format!("fn {name}("))
            })
        });
        assert!(is_test, "{file} has no test {name}");
        named += 1;
    }
    assert!(named >= 20, "{named}");
}
