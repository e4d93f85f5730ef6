//! The drill: the document changes by two files and one command, and everything that is made of it follows, in a copy of the workspace.

use std::fs::{self, File};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use cargo_metadata::semver::Version;

use crate::copy::{Copy, DOCUMENT, OUTPUTS};
use crate::needs::{self, needs};

const CHANGELOG: &str = "openapi/CHANGELOG.md";
/// Where the test of a changed client goes.
const PROGRAM: &str = "crates/prancer-auth-emulator/tests/drill.rs";
const ERROR_LIST: &str = include_str!("changes/error_list.yaml");

/// One copy at a time builds, into a folder that they share: cargo takes crates of the same place in a workspace for one.
static BUILDS: Mutex<()> = Mutex::new(());

impl Copy {
    /// Builds what stands on the document, and runs the program.
    fn run(&self, program: &str) {
        let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
        self.touch();
        fs::create_dir_all(self.path(PROGRAM).parent().unwrap()).unwrap();
        fs::write(self.path(PROGRAM), program).unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        let cargo = cargo.current_dir(&self.folder).arg("test");
        for package in [
            "prancer-auth",
            "prancer-auth-emulator",
            "prancer-auth-httpmock",
        ] {
            cargo.args(["--package", package]);
        }
        let cargo = cargo.args(["--no-default-features", "--lib", "--test", "drill"]);
        let cargo = cargo.args(["--offline", "--quiet"]);
        let cargo = cargo.env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"));
        let output = cargo.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&said)
        );
        fs::remove_file(self.path(PROGRAM)).unwrap();
    }

    /// Makes what is made of the document newer than whatever was built.
    fn touch(&self) {
        for path in OUTPUTS {
            let now = SystemTime::now();
            let file = File::options().append(true).open(self.path(path)).unwrap();
            file.set_modified(now).unwrap();
        }
    }

    /// Adds members at the end of a schema whose last part are its properties.
    fn add_members(&self, schema: &str, members: &str) {
        let text = self.read(DOCUMENT);
        let start = text.find(&format!("\n    {schema}:\n")).unwrap() + 1;
        let mut at = start;
        for (i, line) in text[start..].split_inclusive('\n').enumerate() {
            if i > 0 && !line.starts_with("     ") {
                break;
            }
            at += line.len();
        }
        assert!(text[start..at].contains("      properties:\n"));
        fs::write(
            self.path(DOCUMENT),
            [&text[..at], members, &text[at..]].concat(),
        )
        .unwrap();
    }

    /// Tells a change in the changelog, and lets one command do the rest; what it said, and the files that it wrote or made.
    fn release(&self, sentence: &str) -> String {
        let entry = format!("## Unreleased\n\n- {sentence}\n\n## ");
        self.edit_first(CHANGELOG, "## ", &entry);
        let by_hand = self.git(&["status", "--short"]);
        assert_eq!(by_hand, format!(" M {CHANGELOG}\n M {DOCUMENT}\n"));
        let start = Instant::now();
        let said = self.good(&["generate", "--release", "--no-packages"]);
        let seconds = start.elapsed().as_secs();
        let touched = self.git(&["status", "--short", "--untracked-files=all"]);
        let count = touched.lines().count();
        println!("{}: {count} files, {seconds} s\n{touched}", self.version());

        let changelog = self.read(CHANGELOG);
        let told = format!("## {}, crates ", self.version());
        let told = changelog.split(&told).nth(1).unwrap();
        assert!(told.split("\n## ").next().unwrap().contains(sentence));
        let green: [&[&str]; 5] = [
            &["lint"],
            &["diff"],
            &["tidy"],
            &["generate", "--check"],
            &["generate", "--release", "--no-packages"],
        ];
        for arguments in green {
            self.good(arguments);
        }
        let again = self.git(&["status", "--short", "--untracked-files=all"]);
        assert_eq!(again, touched, "a second time, other files");
        said
    }
}

fn next(last: &Version) -> [Version; 3] {
    let Version {
        major,
        minor,
        patch,
        ..
    } = *last;
    [
        Version::new(major, minor, patch + 1),
        Version::new(major, minor + 1, 0),
        Version::new(major + 1, 0, 0),
    ]
}

#[test]
fn words_are_a_patch_and_one_more_on_top() {
    needs!(needs::ALL);
    let copy = Copy::new();
    copy.commit();
    for sentence in ["Better words.", "Still better words."] {
        let [patch, ..] = next(&copy.version());
        copy.reword();
        let said = copy.release(sentence);
        assert!(said.contains("0 breaking, 0 addition, 1 wording"), "{said}");
        assert_eq!(copy.version(), patch);
        copy.commit();
    }
}

/// `error_list` on successes, and one more operation: nothing of it needs Rust to compile or to be answered.
#[test]
fn the_change_of_2022_is_a_minor_version_that_the_emulator_answers() {
    needs!(needs::ALL);
    let copy = Copy::new();
    copy.commit();
    let [_, minor, _] = next(&copy.version());
    if !copy.read(DOCUMENT).contains("/api/validate/accesstoken/") {
        copy.add_members("TokenEnvelope", ERROR_LIST);
        copy.add_members("EmptyEnvelope", ERROR_LIST);
        let path = include_str!("changes/validate_path.yaml");
        copy.edit_first(DOCUMENT, "components:\n", &format!("{path}components:\n"));
        let schema = include_str!("changes/validate_schema.yaml");
        copy.edit_first(DOCUMENT, "  schemas:\n", &format!("  schemas:\n{schema}"));
        let said = copy.release("Validation of access tokens, and `error_list` on successes.");
        assert!(
            said.contains("addition  Path `/api/validate/accesstoken/` was added."),
            "{said}"
        );
        assert_eq!(copy.version(), minor);
    }
    copy.run(include_str!("changes/year_2022.rs"));
}

#[test]
fn another_tag_is_a_major_version() {
    needs!(needs::ALL);
    let copy = Copy::new();
    copy.commit();
    let [_, _, major] = next(&copy.version());
    let document = copy.read(DOCUMENT);
    let tag = document.split("tags:\n  - name: ").nth(1).unwrap();
    let tag = tag.lines().next().unwrap();
    copy.edit(DOCUMENT, &format!("  - name: {tag}"), "  - name: Drilled");
    copy.edit(DOCUMENT, &format!("tags: [{tag}]"), "tags: [Drilled]");
    let said = copy.release("Another tag.");
    assert!(
        said.contains("`tags` changed, which generated clients take names from"),
        "{said}"
    );
    assert_eq!(copy.version(), major);
    copy.commit();
    let [patch, ..] = next(&major);
    copy.reword();
    copy.release("Better words.");
    assert_eq!(copy.version(), patch);
}

#[test]
fn broken_documents_leave_every_output_as_it_was() {
    needs!(needs::ALL);
    let seeds = include_str!("../../src/lint/defects.json");
    let seeds: Vec<Seed> = serde_json::from_str(seeds).unwrap();
    let copy = Copy::new();
    fs::write(copy.path(DOCUMENT), include_str!("../../src/seed.yaml")).unwrap();
    copy.good(&["generate"]);
    let before = copy.outputs();
    let document: serde_json::Value = serde_json::from_str(before.last().unwrap()).unwrap();
    let mut rejected = 0;
    for seed in seeds {
        let mut broken = document.clone();
        json_patch::patch(&mut broken, &seed.patch).unwrap();
        // JSON is YAML.
        fs::write(copy.path(DOCUMENT), broken.to_string()).unwrap();
        let (good, said) = copy.xtask(&["generate"]);
        if good {
            // What Redocly or the comparison with the vendor's page finds, which other tests hold of every seed.
            for (path, content) in OUTPUTS.iter().zip(&before) {
                fs::write(copy.path(path), content).unwrap();
            }
        } else {
            rejected += 1;
            assert!(
                copy.outputs() == before,
                "{} has written: {said}",
                seed.name
            );
        }
    }
    assert!(rejected >= 20, "{rejected} rejected");
}

#[derive(serde::Deserialize)]
struct Seed {
    name: String,
    patch: json_patch::Patch,
}
