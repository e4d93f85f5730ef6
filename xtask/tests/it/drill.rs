//! The drill: the document changes by two files and one command, and everything that is made of it follows, in a copy of the workspace.
//! `DRILL=whole` runs the whole test command after each change, which takes a few minutes each time:
//!
//! ```console
//! $ DRILL=whole cargo test --package xtask --test automation drill -- --nocapture --test-threads 1
//! ```

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use cargo_metadata::semver::Version;

use crate::copy::{Copy, DOCUMENT, OUTPUTS};
use crate::needs::{self, needs};

const CHANGELOG: &str = "openapi/CHANGELOG.md";
/// Where the test of a changed client goes.
const PROGRAM: &str = "crates/prancer-auth/tests/drill.rs";
/// The libraries that are made of the document, or answer as it says.
const STANDS_ON_IT: [&str; 3] = ["client", "emulator", "httpmock"];
const ERROR_LIST: &str = include_str!("changes/error_list.yaml");

/// One copy at a time builds, into the folder of the workspace: cargo takes crates of the same place in a workspace for one.
static BUILDS: Mutex<()> = Mutex::new(());

impl Copy {
    /// Builds what stands on the document, tests it, and runs the program. The session's own tests know nothing of the document.
    fn run(&self, program: &str) {
        let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
        self.touch();
        fs::create_dir_all(self.path(PROGRAM).parent().unwrap()).unwrap();
        fs::write(self.path(PROGRAM), program).unwrap();
        // A library's own tests go by a name here, for without one cargo would compile those of the session too. No binary is made for
        // them: it would lie where that of the workspace is.
        let manifests = STANDS_ON_IT.map(|it| format!("crates/prancer-auth-{it}/Cargo.toml"));
        let before = manifests.each_ref().map(|it| self.read(it));
        for ((name, manifest), text) in STANDS_ON_IT.iter().zip(&manifests).zip(&before) {
            let test = format!("[[test]]\nname = \"drill_{name}\"\npath = \"src/lib.rs\"\n");
            let text = text.replace("[[bin]]", "[[example]]");
            let text = text.replace("[package]", "[package]\nautobins = false");
            fs::write(self.path(manifest), format!("{text}\n{test}")).unwrap();
        }
        let said = self.cargo("test --workspace --test drill*");
        assert_eq!(
            said.matches("test result: ok. ").count(),
            1 + STANDS_ON_IT.len()
        );
        for (manifest, text) in manifests.iter().zip(before) {
            fs::write(self.path(manifest), text).unwrap();
        }
        fs::remove_file(self.path(PROGRAM)).unwrap();
    }

    /// Chooses all of the workspace and works in its folder, so that what others wrote is compiled there already; what is ours is told apart by
    /// another profile.
    fn cargo(&self, arguments: &str) -> String {
        let mut cargo = Command::new(env!("CARGO"));
        let cargo = cargo.current_dir(&self.folder).args(arguments.split(' '));
        let plain = "profile.dev.package.prancer-auth.opt-level=0";
        let cargo = cargo.args(["--offline", "--quiet", "--config", plain]);
        let cargo = cargo.env("CARGO_PROFILE_DEV_DEBUG", "0");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let output = cargo.env("CARGO_TARGET_DIR", target).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success(), "{said}");
        said.into_owned()
    }

    /// Commits, and runs the whole test command and some more where `DRILL=whole` asks for it; tells how long each took.
    fn commit_green(&self, more: &[&str]) {
        self.commit();
        if !is_whole() {
            return;
        }
        for command in ["test"].iter().chain(more) {
            let start = Instant::now();
            let mut cargo = Command::new(env!("CARGO"));
            let cargo = cargo.current_dir(&self.folder).arg("xtask");
            let cargo = cargo.args(command.split(' ')).env_remove("DRILL");
            let output = cargo.output().unwrap();
            let seconds = start.elapsed().as_secs();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8_lossy(&said);
            assert!(output.status.success(), "{command}, {seconds} s:\n{said}");
            println!("{}: cargo xtask {command}, {seconds} s", self.version());
        }
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
        self.good(&["tidy"]);
        self.good(&["generate", "--check"]);
        said
    }
}

fn is_whole() -> bool {
    env::var_os("DRILL").is_some_and(|it| it == "whole")
}

/// A copy that git has. One that is tested whole builds in one place with all others of its kind.
fn committed() -> Copy {
    let copy = Copy::new();
    if is_whole() {
        copy.build_in("drill");
    }
    copy.commit();
    copy
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

impl Copy {
    /// Other words, and what only readers of the document see, make a patch.
    fn patch(&self, sentence: &str) {
        let [patch, ..] = next(&self.version());
        self.reword();
        let schema = "    TokenPair:\n      type: object\n";
        let more = include_str!("changes/words.yaml");
        if !self.read(DOCUMENT).contains(more) {
            self.edit_first(DOCUMENT, schema, &format!("{schema}{more}"));
        }
        let said = self.release(sentence);
        assert!(said.contains("0 breaking, 0 addition, "), "{said}");
        assert_eq!(self.version(), patch);
        self.commit_green(&[]);
    }
}

/// Words; members that may be there; and a server's name, which no program here uses, and which generated clients have.
#[test]
fn a_patch_a_minor_and_a_major_version_one_on_top_of_the_other() {
    needs!(needs::ALL);
    let copy = committed();
    copy.patch("Better words.");

    let [_, minor, _] = next(&copy.version());
    for schema in ["Credentials", "TokenPair"] {
        copy.add_members(schema, include_str!("changes/members.yaml"));
    }
    let said = copy.release("Members.");
    assert!(said.contains("0 breaking, "), "{said}");
    assert_eq!(copy.version(), minor);
    copy.run(include_str!("changes/members.rs"));
    copy.commit_green(&[]);

    let [_, _, major] = next(&copy.version());
    copy.edit_first(
        DOCUMENT,
        "    description: Portal\n",
        "    description: Drilled\n",
    );
    let said = copy.release("Another name.");
    assert!(said.contains("names from descriptions"), "{said}");
    assert_eq!(copy.version(), major);
    copy.commit_green(&[]);
}

/// `error_list` on successes, and one more operation: nothing of it needs Rust to compile or to be answered. And back.
#[test]
fn the_change_of_2022_is_a_minor_version_that_the_emulator_answers_and_is_taken_back_by_a_major() {
    needs!(needs::ALL);
    let copy = committed();
    let [_, minor, _] = next(&copy.version());
    let before = copy.read(DOCUMENT);
    if before.contains("/api/validate/accesstoken/") {
        return copy.run(PROGRAM_OF_2022);
    }
    copy.add_members("TokenEnvelope", ERROR_LIST);
    copy.add_members("EmptyEnvelope", ERROR_LIST);
    let path = include_str!("changes/validate_path.yaml");
    copy.edit_first(DOCUMENT, "components:\n", &format!("{path}components:\n"));
    let schema = include_str!("changes/validate_schema.yaml");
    copy.edit_first(DOCUMENT, "  schemas:\n", &format!("  schemas:\n{schema}"));
    let said = copy.release("Validation of access tokens, and `error_list` on successes.");
    let added = "addition  Path `/api/validate/accesstoken/` was added.";
    assert!(said.contains(added), "{said}");
    assert_eq!(copy.version(), minor);
    copy.run(PROGRAM_OF_2022);
    // What the reference page shows of it is made of the document, and called in every language.
    copy.commit_green(&[
        "contract schemathesis prism",
        "interop rust python/openapi_p typescript/openapi_f go/r java/o php/r curl",
    ]);

    let [.., major] = next(&minor);
    let version = before.lines().find(|it| it.starts_with("  version: "));
    let before = before.replace(version.unwrap(), &format!("  version: {minor}"));
    fs::write(copy.path(DOCUMENT), before).unwrap();
    let said = copy.release("No validation of access tokens.");
    let removed = "breaking  Path `/api/validate/accesstoken/` was removed.";
    assert!(said.contains(removed), "{said}");
    assert_eq!(copy.version(), major);
    copy.commit_green(&[]);
}

const PROGRAM_OF_2022: &str = include_str!("changes/year_2022.rs");

#[test]
fn broken_documents_leave_every_output_as_it_was() {
    let seeds = include_str!("../../src/lint/defects.json");
    let seeds: Vec<Seed> = serde_json::from_str(seeds).unwrap();
    let copy = Copy::new();
    // No verdict, of which others tell.
    fs::remove_file(copy.path("target/tools")).unwrap();
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
