//! Where things lie in the workspace.

use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::{Shell, cmd};

/// The document, below the root of the workspace.
pub(crate) const DOCUMENT: &str = "openapi/prancer-auth.yaml";
/// The generated client, below the root of the workspace.
pub(crate) const CLIENT: &str = "crates/prancer-auth-client/src/generated.rs";
/// The generated mocks, below the root of the workspace.
pub(crate) const HTTPMOCK: &str = "crates/prancer-auth-httpmock/src/generated.rs";
/// The generated list of schemas and examples for tests, below the root of the workspace.
pub(crate) const SCHEMAS: &str = "tests/it/schemas/list.rs";
/// The document as JSON, which the emulator shows, below the root of the workspace.
pub(crate) const EMULATED: &str = "crates/prancer-auth-emulator/src/document.json";

/// The published versions of the document, below the root of the workspace.
pub(crate) const PUBLISHED: &str = "openapi/published";

/// A checkout of this project.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace at `root`, by default the one that this was started in: where it was built says nothing, for a target folder
    /// may serve several checkouts.
    pub(crate) fn new(root: Option<PathBuf>) -> Self {
        let root = root.unwrap_or_else(|| {
            let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
            let started = package.or_else(|| std::env::current_dir().ok());
            let started = started.unwrap_or_default();
            let mut around = started.ancestors();
            let root = around.find(|it| it.join(DOCUMENT).exists());
            root.unwrap_or(&started).to_owned()
        });
        Self {
            root: root.canonicalize().unwrap_or(root),
        }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where everything goes that is not committed.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The file at `path`, which is relative to the root.
    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// Builds all binaries and examples, as the tests do, and says where they are.
    pub(crate) fn build(&self) -> Result<PathBuf> {
        let shell = Shell::new()?;
        shell.change_dir(self.root());
        cmd!(
            shell,
            "cargo build --locked --quiet --workspace --bins --examples"
        )
        .run()?;
        let target = std::env::var_os("CARGO_TARGET_DIR");
        Ok(self
            .root
            .join(target.map_or_else(|| self.target(), PathBuf::from))
            .join("debug"))
    }

    /// `cargo xtask dist`: a Debian package of the command.
    pub(crate) fn dist(&self) -> Result<()> {
        let (shell, script) = (Shell::new()?, self.join("xtask/tools/dist.sh"));
        cmd!(shell, "bash {script}").quiet().run()?;
        Ok(())
    }

    /// `cargo xtask demo`: a whole session against a portal in a box, through the real command.
    pub(crate) fn demo(&self) -> Result<()> {
        let shell = Shell::new()?;
        shell.change_dir(self.root());
        // From the root, where features are those of the whole workspace.
        cmd!(
            shell,
            "cargo build --locked --bin prancer-auth --example demo"
        )
        .run()?;
        cmd!(shell, "cargo run --locked --quiet --example demo")
            .quiet()
            .run()?;
        Ok(())
    }
}
