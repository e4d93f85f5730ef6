//! `cargo xtask publish`: what was published never changes.

use std::fs;

use crate::copy::{Copy, DOCUMENT};
use crate::needs::{self, needs};

const PUBLISHED: &str = "openapi/published/1.0.0";

impl Copy {
    /// Every file of the published version.
    fn published(&self) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.path(PUBLISHED)).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| {
                let entry = entry.unwrap();
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read_to_string(entry.path()).unwrap())
            })
            .collect();
        files.sort();
        files
    }
}

#[test]
fn a_published_version_cannot_be_published_otherwise() {
    needs!(needs::ALL);
    let copy = Copy::new();
    let before = copy.published();
    assert_eq!(before.len(), 8);
    copy.edit(DOCUMENT, "summary: Log out", "summary: Log off");
    for arguments in [&["publish"][..], &["publish", "--check"]] {
        let said = copy.bad(arguments);
        assert!(
            said.contains("openapi/published/1.0.0 is published and never changes"),
            "{said}"
        );
        assert!(said.contains("prancer-auth.3.1.json"), "{said}");
        assert!(copy.published() == before, "it was changed");
    }
}

#[test]
fn a_published_file_that_was_touched_is_found() {
    let copy = Copy::new();
    let file = format!("{PUBLISHED}/prancer-auth.schema.json");
    copy.edit(&file, "The password of a user.", "A password.");
    let said = copy.bad(&["tidy"]);
    assert!(
        said.contains(&format!("{file} is not what was published")),
        "{said}"
    );
}

#[test]
fn a_new_version_lies_beside_the_old_one() {
    needs!(needs::ALL);
    let copy = Copy::new();
    let before = copy.published();
    copy.edit(DOCUMENT, "summary: Log out", "summary: Log off");
    copy.edit(DOCUMENT, "version: 1.0.0", "version: 1.0.1");
    let said = copy.bad(&["publish", "--check"]);
    assert!(
        said.contains("openapi/published/1.0.1 is missing"),
        "{said}"
    );
    let said = copy.bad(&["publish", "--no-packages"]);
    assert!(said.contains("has no entry of 1.0.1"), "{said}");
    assert!(!copy.path("openapi/published/1.0.1").exists());
    copy.edit(
        "openapi/CHANGELOG.md",
        "## 1.0.0,",
        "## 1.0.1, crates 0.1.1\n\n- Better words.\n\n## 1.0.0,",
    );
    copy.edit("Cargo.toml", "\"0.1.0\"", "\"0.1.1\"");
    copy.good(&["publish", "--no-packages"]);
    let new = copy.read("openapi/published/1.0.1/prancer-auth.yaml");
    assert!(new.contains("summary: Log off"));
    assert!(copy.published() == before, "the old one was changed");
}
