//! The drill: the document changes, and everything that is made of it follows, in a copy of the workspace.

use std::fs::{self, File};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use crate::copy::{Copy, DOCUMENT, OUTPUTS};
use crate::needs::{self, needs};

/// Where the test of a changed client goes.
const PROGRAM: &str = "crates/prancer-auth-httpmock/tests/drill.rs";

/// A change of the document, and what has to follow.
struct Change {
    edits: &'static [(&'static str, &'static str)],
    /// What stands on the client and is written by hand follows by these edits.
    follow: &'static [(&'static str, &'static str, &'static str)],
    /// What the change check says of it.
    verdict: &'static str,
    version: &'static str,
    crates: &'static str,
    /// A test that uses what is new.
    program: &'static str,
}

const ERROR_LIST_ON_SUCCESSES: Change = Change {
    edits: &[(
        "      description: The answer of a login or a refresh that succeeded.\n      required: [data, error, message, metadata, status]\n      properties:\n",
        "      description: The answer of a login or a refresh that succeeded.\n      required: [data, error, message, metadata, status]\n      properties:\n        error_list:\n          type: array\n          description: Empty on success.\n          items: {}\n",
    )],
    follow: &[],
    verdict: "addition  Schema `error_list` was added.",
    version: "1.1.0",
    crates: "0.2.0",
    program: include_str!("changes/error_list.rs"),
};

const ONE_MORE_OPERATION: Change = Change {
    edits: &[
        ("components:\n", include_str!("changes/validate.yaml")),
        (
            "    Credentials:\n      type: object\n",
            "    TokenCheck:\n      type: object\n      description: The token to look at, and whose it is.\n      required: [token, customer_id]\n      properties:\n        token:\n          $ref: '#/components/schemas/AccessToken'\n        customer_id:\n          type: string\n          description: The customer id of the user.\n    Credentials:\n      type: object\n",
        ),
    ],
    follow: &[],
    verdict: "addition  Path `/api/validate/accesstoken/` was added.",
    version: "1.1.0",
    crates: "0.2.0",
    program: include_str!("changes/validate.rs"),
};

const A_RENAMED_FIELD: Change = Change {
    edits: &[(
        "        error_list:\n          type: array\n          description: More",
        "        errors:\n          type: array\n          description: More",
    )],
    follow: &[(
        "crates/prancer-auth/src/api/response.rs",
        "error_list: envelope.error_list",
        "error_list: envelope.errors",
    )],
    verdict: "breaking  Property `error_list` of",
    version: "2.0.0",
    crates: "0.2.0",
    program: include_str!("changes/renamed.rs"),
};

/// One copy at a time builds, into a folder that they share: cargo takes crates of the same place in a workspace for one.
static BUILDS: Mutex<()> = Mutex::new(());

impl Copy {
    /// Builds what is made of the document and what stands on it, and runs the program.
    fn run(&self, program: &str) {
        let _alone = BUILDS.lock().unwrap_or_else(PoisonError::into_inner);
        self.touch();
        fs::create_dir_all(self.path(PROGRAM).parent().unwrap()).unwrap();
        fs::write(self.path(PROGRAM), program).unwrap();
        // Client and session together, so that what they stand on is compiled once.
        for arguments in [&["build", "--lib"][..], &["test"]] {
            let mut cargo = Command::new(env!("CARGO"));
            let cargo = cargo.current_dir(&self.folder).args(arguments);
            let cargo = cargo.args(["--package", "prancer-auth-httpmock"]);
            let cargo = cargo.args(["--package", "prancer-auth", "--no-default-features"]);
            let cargo = cargo.args(["--test", "drill", "--offline", "--quiet"]);
            let cargo = cargo.env("CARGO_TARGET_DIR", env!("CARGO_TARGET_TMPDIR"));
            let output = cargo.output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{arguments:?}: {said}");
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

    fn drill(&self, change: &Change) {
        for (path, old, new) in change.follow {
            self.edit(path, old, new);
        }
        for (old, new) in change.edits {
            self.edit(DOCUMENT, old, new);
        }
        self.good(&["lint"]);

        // Nothing was raised yet.
        let said = self.bad(&["diff"]);
        let Change {
            verdict,
            version,
            crates,
            ..
        } = change;
        let raise = format!("raise it to {version} at least");
        let raise_crates = format!("to {crates} at least");
        for word in [verdict, raise.as_str(), &raise_crates] {
            assert!(said.contains(word), "no {word:?} in {said}");
        }
        self.edit(DOCUMENT, "version: 1.0.0", &format!("version: {version}"));
        let said = self.bad(&["diff"]);
        assert!(
            said.contains(&format!("has no entry of {version}")),
            "{said}"
        );
        let entry = format!("## {version}, crates {crates}\n\n- A change.\n\n## 1.0.0,");
        self.edit("openapi/CHANGELOG.md", "## 1.0.0,", &entry);
        let said = self.bad(&["diff"]);
        assert!(said.contains("the crates are 0.1.0"), "{said}");
        self.edit("Cargo.toml", "\"0.1.0\"", &format!("\"{crates}\""));
        let said = self.good(&["diff"]);
        assert!(
            said.contains(&format!("the next version is {version}")),
            "{said}"
        );

        let said = self.bad(&["generate", "--check"]);
        assert!(said.contains("stale"), "{said}");
        self.good(&["generate"]);
        self.good(&["generate", "--check"]);
        self.run(change.program);
    }
}

#[test]
fn error_list_on_successes() {
    needs!(needs::ALL);
    Copy::new().drill(&ERROR_LIST_ON_SUCCESSES);
}

#[test]
fn one_more_operation() {
    needs!(needs::ALL);
    Copy::new().drill(&ONE_MORE_OPERATION);
}

#[test]
fn a_renamed_field() {
    needs!(needs::ALL);
    Copy::new().drill(&A_RENAMED_FIELD);
}

#[test]
fn broken_documents_leave_every_output_as_it_was() {
    needs!(needs::ALL);
    let seeds = include_str!("../../src/lint/defects.json");
    let seeds: Vec<Seed> = serde_json::from_str(seeds).unwrap();
    let copy = Copy::new();
    let before = copy.outputs();
    let document: serde_json::Value = serde_json::from_str(&before[2]).unwrap();
    let mut refused = 0;
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
            refused += 1;
            assert!(
                copy.outputs() == before,
                "{} has written: {said}",
                seed.name
            );
        }
    }
    assert!(refused >= 20, "{refused} refused");
}

#[derive(serde::Deserialize)]
struct Seed {
    name: String,
    patch: json_patch::Patch,
}
