//! `cargo xtask generate`.

use std::fs;
use std::process::Command;

use crate::copy::{CLIENT, Copy, DOCUMENT, OUTPUTS};

impl Copy {
    /// The check is red, shows the diff and the command that mends it, and writes nothing.
    fn assert_stale(&self, diff: &str) {
        let before = self.outputs();
        let said = self.bad(&["generate", "--check"]);
        assert!(said.contains(diff), "no {diff:?} in {said}");
        assert!(said.contains("cargo xtask generate"), "{said}");
        assert!(self.outputs() == before, "the check has written");
    }

    fn assert_fresh(&self) {
        self.good(&["generate", "--check"]);
    }
}

#[test]
fn the_committed_files_are_fresh() {
    Copy::new().assert_fresh();
}

/// A target folder may serve several checkouts.
#[test]
fn the_root_is_where_it_is_started_not_where_it_was_built() {
    let copy = Copy::new();
    copy.edit(DOCUMENT, "customer_id", "customer");
    for started in ["", "openapi"] {
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let xtask = xtask.env_remove("CARGO_MANIFEST_DIR");
        let xtask = xtask.current_dir(copy.path(started));
        let output = xtask.args(["generate", "--check"]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("-        pub customer_id: "), "{said}");
    }
}

#[test]
fn what_was_removed_is_generated_again_byte_for_byte() {
    let copy = Copy::new();
    let committed = copy.outputs();
    for path in OUTPUTS {
        fs::write(copy.path(path), "").unwrap();
    }
    copy.good(&["generate"]);
    assert!(copy.outputs() == committed, "generated code differs");
    assert!(
        committed[0].starts_with(
            "//! Generated from `openapi/prancer-auth.yaml` by `cargo xtask generate`"
        )
    );
}

#[test]
fn the_check_is_red_after_a_change_of_the_document_until_it_is_generated_and_released() {
    let copy = Copy::new();
    let (before, version) = (copy.read(CLIENT), copy.version());
    copy.edit(DOCUMENT, "customer_id", "customer");
    copy.assert_stale("-        pub customer_id: ");
    copy.good(&["generate"]);
    assert!(copy.read(CLIENT) != before);
    let said = copy.bad(&["generate", "--check"]);
    assert!(!said.contains("generated code is stale"), "{said}");
    let edition = format!("openapi/published/{version} is of another document");
    assert!(said.contains(&edition), "{said}");
    // A version that nobody made.
    copy.edit(DOCUMENT, &format!("version: {version}"), "version: 9.0.0");
    copy.good(&["generate"]);
    let said = copy.bad(&["generate", "--check"]);
    assert!(
        said.contains("openapi/published/9.0.0 is missing"),
        "{said}"
    );
}

#[test]
fn the_check_is_red_after_a_change_of_an_output_until_it_is_generated() {
    for path in OUTPUTS {
        let copy = Copy::new();
        let committed = copy.outputs();
        copy.edit_first(path, "Credentials", "Drilled");
        copy.assert_stale("-");
        copy.good(&["generate"]);
        assert!(copy.outputs() == committed, "generated code differs");
    }
}

#[test]
fn a_broken_document_is_told_whole_and_leaves_every_output_as_it_was() {
    let copy = Copy::new();
    copy.edit_first(DOCUMENT, "requestBody:", "requestBdy:");
    copy.edit_first(DOCUMENT, "operationId: ", "operationId: new # ");
    let before = copy.outputs();
    for arguments in [&["generate"][..], &["generate", "--check"]] {
        let said = copy.bad(arguments);
        let both = said.contains("requestBdy") && said.contains("reserved");
        assert!(both && said.contains("2 finding(s)"), "{said}");
        assert!(copy.outputs() == before, "generated code differs");
    }
}

#[test]
fn a_document_that_the_generator_cannot_take_is_an_error_and_leaves_every_output_as_it_was() {
    let copy = Copy::new();
    // A cookie that no generated method takes.
    copy.edit_first(
        DOCUMENT,
        "      operationId: ",
        "      parameters: [{name: now, in: cookie, schema: {type: string}}]\n      operationId: ",
    );
    let before = copy.outputs();
    let said = copy.bad(&["generate"]);
    assert!(said.contains("progenitor cannot take"), "{said}");
    assert!(copy.outputs() == before, "generated code differs");
}
