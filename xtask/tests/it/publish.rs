//! `cargo xtask publish`: what git has of the published versions never changes.

use std::fs;

use crate::copy::{Copy, DOCUMENT};
use crate::needs::{self, needs};

impl Copy {
    /// The folder of the current version.
    fn folder(&self) -> String {
        format!("openapi/published/{}", self.version())
    }

    /// Every file of a published version.
    fn published(&self, folder: &str) -> Vec<(String, String)> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
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

    /// Changes words only.
    pub(crate) fn reword(&self) {
        self.edit_first(DOCUMENT, "      summary: ", "      summary: Now ");
    }
}

#[test]
fn a_published_version_cannot_be_published_otherwise() {
    needs!(needs::ALL);
    let copy = Copy::new();
    let folder = copy.folder();
    let before = copy.published(&folder);
    assert_eq!(before.len(), 8);
    copy.reword();
    for arguments in [&["publish"][..], &["publish", "--check"]] {
        let said = copy.bad(arguments);
        let never = format!("{folder} is published and never changes");
        assert!(said.contains(&never), "{said}");
        assert!(said.contains("prancer-auth.3.1.json"), "{said}");
        assert!(said.contains("cargo xtask generate --release"), "{said}");
        assert!(copy.published(&folder) == before, "it was changed");
    }
}

#[test]
fn no_readme_knows_a_published_version() {
    let copy = Copy::new();
    let names = |folder: &str| {
        let entries = copy.path(folder).read_dir().unwrap();
        entries.map(|it| it.unwrap().file_name().into_string().unwrap())
    };
    let mut readmes = vec!["README.md".to_owned(), "openapi/README.md".to_owned()];
    readmes.extend(names("crates").map(|it| format!("crates/{it}/README.md")));
    readmes
        .extend(names("tests/interop").map(|it| format!("tests/interop/{it}/package/README.md")));
    readmes.retain(|it| copy.path(it).exists());
    assert!(readmes.len() >= 12, "{readmes:?}");
    for readme in readmes {
        let text = copy.read(&readme);
        // Versions of others stand among what was measured.
        let mut text = text.split("<!-- figures");
        let before = text.next().unwrap();
        let after = text
            .next()
            .and_then(|it| it.split("<!-- end of figures").nth(1));
        for version in names("openapi/published") {
            let known = [before, after.unwrap_or_default()]
                .iter()
                .any(|it| it.contains(&version));
            assert!(
                !known,
                "{readme} knows {version}; it would be wrong with the next"
            );
        }
    }
}

#[test]
fn the_changelog_of_the_crates_tells_of_the_document_where_nothing_else_is_told() {
    needs!(needs::ALL);
    let copy = Copy::new();
    let changelog = "# Changelog\n\n## Unreleased\n\n## 0.2.0\n\n- The first.\n";
    fs::write(copy.path("CHANGELOG.md"), changelog).unwrap();
    copy.commit();
    copy.reword();
    copy.good(&["generate", "--release", "--no-packages"]);
    let entry = format!("- The document is version {}.", copy.version());
    let entry = format!("## Unreleased\n\n### Changed\n\n{entry}\n\n## 0.2.0\n");
    let told = copy.read("CHANGELOG.md");
    assert!(told.contains(&entry), "{told}");
    copy.git(&["checkout", "--quiet", "--", DOCUMENT]);
    copy.good(&["generate", "--release", "--no-packages"]);
    assert_eq!(copy.read("CHANGELOG.md"), changelog);
}

#[test]
fn a_published_file_that_was_touched_is_found() {
    let copy = Copy::new();
    let file = format!("{}/prancer-auth.schema.json", copy.folder());
    copy.edit(&file, "\"$defs\"", "\"$definitions\"");
    let said = copy.bad(&["tidy"]);
    assert!(
        said.contains(&format!("{file} is not what was published")),
        "{said}"
    );
}

#[test]
fn a_version_that_git_does_not_have_yet_is_made_again() {
    needs!(needs::ALL);
    let copy = Copy::new();
    copy.commit();
    let (old, last) = (copy.folder(), copy.version());
    let before = copy.published(&old);
    let release = &["generate", "--release", "--no-packages"];
    copy.reword();
    copy.good(release);
    let first = copy.published(&copy.folder());
    let touched = copy.git(&["diff", "HEAD"]);
    copy.good(release);
    assert_eq!(copy.git(&["diff", "HEAD"]), touched, "another second time");
    assert!(copy.published(&copy.folder()) == first);
    // More words, and no further version.
    copy.reword();
    copy.bad(&["publish", "--check", "--no-packages"]);
    copy.good(release);
    assert_eq!(copy.version().patch, last.patch + 1);
    assert!(copy.published(&copy.folder()) != first, "made once only");
    assert!(copy.published(&old) == before, "the old one was changed");
    copy.good(&["publish", "--check", "--no-packages"]);
    // A change that grew is told anew.
    let told = |copy: &Copy| copy.read("openapi/CHANGELOG.md");
    assert!(told(&copy).contains("- `summary` of"), "{}", told(&copy));
    let schema = "    Credentials:\n      type: object\n      description:";
    copy.edit(DOCUMENT, schema, &format!("{schema} Now"));
    copy.good(release);
    assert!(
        told(&copy).contains("- `description` of"),
        "{}",
        told(&copy)
    );
    // Taken back, nothing is left of it: neither in the document nor anywhere else.
    copy.git(&["checkout", "--quiet", "--", DOCUMENT]);
    let said = copy.bad(&["generate", "--check"]);
    assert!(said.contains("which is not to come"), "{said}");
    copy.good(release);
    assert_eq!(copy.git(&["status", "--short"]), "");
    assert_eq!(copy.version(), last);
    assert!(
        !copy
            .path("openapi/published")
            .read_dir()
            .unwrap()
            .any(|it| {
                let name = it.unwrap().file_name();
                name.to_str() == Some(&format!("{}.{}.{}", last.major, last.minor, last.patch + 1))
            })
    );
}
