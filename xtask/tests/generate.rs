//! `cargo xtask generate` on a copy of what it reads and writes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

const DOCUMENT: &str = "openapi/prancer-auth.yaml";
const CLIENT: &str = "crates/prancer-auth-client/src/generated.rs";
const PAGE: &str = "openapi/authentication-api.txt";
const EMULATED: &str = "crates/prancer-auth-emulator/src/document.json";
const HTTPMOCK: &str = "crates/prancer-auth-httpmock/src/generated.rs";

struct Copy {
    folder: TempDir,
}

struct Said {
    success: bool,
    out: String,
    err: String,
}

impl Copy {
    fn new() -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = tempfile::tempdir().unwrap();
        for path in [DOCUMENT, PAGE, CLIENT, HTTPMOCK, EMULATED] {
            let copy = folder.path().join(path);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(workspace.join(path), copy).unwrap();
        }
        Self { folder }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}");
        fs::write(self.path(path), text.replacen(old, new, 1)).unwrap();
    }

    fn generated(&self) -> [String; 3] {
        [CLIENT, HTTPMOCK, EMULATED].map(|path| self.read(path))
    }

    fn generate(&self, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command
            .arg("--root")
            .arg(self.folder.path())
            .arg("generate")
            .args(arguments);
        let output = command.output().unwrap();
        Said {
            success: output.status.success(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The check is red, shows the diff and the command that mends it, and writes nothing.
    fn assert_stale(&self, diff: &str) {
        let before = self.generated();
        let said = self.generate(&["--check"]);
        assert!(!said.success, "{}", said.out);
        assert!(said.out.contains(diff), "no {diff:?} in {}", said.out);
        assert!(said.err.contains("cargo xtask generate"), "{}", said.err);
        assert!(self.generated() == before, "the check has written");
    }

    fn assert_fresh(&self) {
        let said = self.generate(&["--check"]);
        assert!(said.success, "{} {}", said.out, said.err);
    }
}

#[test]
fn the_committed_files_are_fresh() {
    Copy::new().assert_fresh();
}

#[test]
fn what_was_removed_is_generated_again_byte_for_byte() {
    let copy = Copy::new();
    let committed = copy.generated();
    for path in [CLIENT, HTTPMOCK, EMULATED] {
        fs::write(copy.path(path), "").unwrap();
    }
    assert!(copy.generate(&[]).success);
    assert!(copy.generated() == committed, "generated code differs");
    assert!(
        committed[0].starts_with(
            "//! Generated from `openapi/prancer-auth.yaml` by `cargo xtask generate`"
        )
    );
}

#[test]
fn the_check_is_red_after_a_change_of_the_document_until_it_is_generated() {
    let copy = Copy::new();
    for path in [DOCUMENT, PAGE] {
        let text = copy.read(path);
        fs::write(copy.path(path), text.replace("customer_id", "customer")).unwrap();
    }
    copy.assert_stale("-        pub customer_id: ");
    let said = copy.generate(&[]);
    assert!(said.success, "{}", said.err);
    assert!(copy.read(CLIENT).contains("pub customer: "));
    copy.assert_fresh();
}

#[test]
fn the_check_is_red_after_a_change_of_an_output_until_it_is_generated() {
    for path in [CLIENT, HTTPMOCK, EMULATED] {
        let copy = Copy::new();
        let committed = copy.generated();
        copy.edit(path, "/api/logout/", "/api/logoff/");
        copy.assert_stale("-");
        assert!(copy.generate(&[]).success);
        assert!(copy.generated() == committed, "generated code differs");
    }
}

#[test]
fn a_broken_document_is_told_whole_and_leaves_every_output_as_it_was() {
    let copy = Copy::new();
    copy.edit(DOCUMENT, "requestBody:", "requestBdy:");
    copy.edit(DOCUMENT, "operationId: logout", "operationId: new");
    let before = copy.generated();
    for arguments in [&[][..], &["--check"]] {
        let said = copy.generate(arguments);
        assert!(!said.success);
        assert!(
            said.err.contains("requestBdy") && said.err.contains("reserved"),
            "{}",
            said.err
        );
        assert!(said.err.contains("2 finding(s)"), "{}", said.err);
        assert!(copy.generated() == before, "generated code differs");
    }
}

#[test]
fn a_document_that_the_generator_cannot_take_is_an_error_and_leaves_every_output_as_it_was() {
    let copy = Copy::new();
    // A header of an answer that no generated method gives.
    copy.edit(
        DOCUMENT,
        "      operationId: logout\n",
        "      operationId: logout\n      parameters: [{name: now, in: cookie, schema: {type: string}}]\n",
    );
    let before = copy.generated();
    let said = copy.generate(&[]);
    assert!(!said.success);
    assert!(said.err.contains("progenitor cannot take"), "{}", said.err);
    assert!(copy.generated() == before, "generated code differs");
}
