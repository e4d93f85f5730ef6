//! A copy of the workspace, to change as one likes.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use cargo_metadata::semver::Version;
use tempfile::TempDir;

pub(crate) const DOCUMENT: &str = "openapi/prancer-auth.yaml";
pub(crate) const CLIENT: &str = "crates/prancer-auth-client/src/generated.rs";
pub(crate) const HTTPMOCK: &str = "crates/prancer-auth-httpmock/src/generated.rs";
pub(crate) const EMULATED: &str = "crates/prancer-auth-emulator/src/document.json";
pub(crate) const SCHEMAS: &str = "tests/it/schemas/list.rs";
/// What is generated from the document.
pub(crate) const OUTPUTS: [&str; 4] = [CLIENT, HTTPMOCK, SCHEMAS, EMULATED];

/// A copy of the workspace, with its tools.
pub(crate) struct Copy {
    pub(crate) folder: TempDir,
}

impl Copy {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy(&root(), folder.path());
        let tools = root().join("target/tools");
        fs::create_dir_all(&tools).unwrap();
        fs::create_dir(folder.path().join("target")).unwrap();
        symlink(tools, folder.path().join("target/tools")).unwrap();
        Self { folder }
    }

    /// Has its target folder below that of the workspace, for the next copy to build upon.
    pub(crate) fn build_in(&self, name: &str) {
        let target = root().join("target").join(name);
        fs::create_dir_all(&target).unwrap();
        let tools = self.path("target/tools");
        if !target.join("tools").exists() {
            symlink(fs::read_link(&tools).unwrap(), target.join("tools")).unwrap();
        }
        fs::remove_dir_all(self.path("target")).unwrap();
        symlink(target, self.path("target")).unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    pub(crate) fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}");
        fs::write(self.path(path), text.replace(old, new)).unwrap();
    }

    pub(crate) fn outputs(&self) -> [String; 4] {
        OUTPUTS.map(|path| self.read(path))
    }

    /// Replaces what stands at the first place only.
    pub(crate) fn edit_first(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}");
        fs::write(self.path(path), text.replacen(old, new, 1)).unwrap();
    }

    /// The version of the document.
    pub(crate) fn version(&self) -> Version {
        let text = self.read(DOCUMENT);
        let version = text.lines().find_map(|it| it.strip_prefix("  version: "));
        version.unwrap().parse().unwrap()
    }

    /// Runs git on the copy, which is a repository of its own then; what it said.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        let git = git.current_dir(&self.folder).args(arguments);
        let git = git.env("GIT_CONFIG_GLOBAL", "/dev/null");
        for (name, value) in [("NAME", "Drill"), ("EMAIL", "drill@example.com")] {
            git.env(format!("GIT_AUTHOR_{name}"), value);
            git.env(format!("GIT_COMMITTER_{name}"), value);
        }
        let done = git.output().unwrap();
        assert!(done.status.success(), "git {arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap()
    }

    /// Commits all of it.
    pub(crate) fn commit(&self) {
        self.git(&["init", "--quiet"]);
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--message", "Drill"]);
    }

    /// Runs xtask on the copy; whether it was content, and all that it said.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.arg("--root").arg(self.folder.path());
        let output = command.args(arguments).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        (output.status.success(), said)
    }

    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let (good, said) = self.xtask(arguments);
        assert!(good, "{arguments:?}: {said}");
        said
    }

    pub(crate) fn bad(&self, arguments: &[&str]) -> String {
        let (good, said) = self.xtask(arguments);
        assert!(!good, "{arguments:?} was content: {said}");
        said
    }
}

/// The workspace, known at run time: a target folder may serve several checkouts.
fn root() -> PathBuf {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap());
    package.parent().unwrap().canonicalize().unwrap()
}

/// Copies everything but what is built and what git keeps.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name == "target" || name == ".git" {
            continue;
        }
        let (from, to) = (entry.path(), to.join(name));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs::copy(from, to).unwrap();
        }
    }
}
