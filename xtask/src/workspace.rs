//! Where things lie in the workspace.

use std::path::{Path, PathBuf};

/// The document, below the root of the workspace.
pub(crate) const DOCUMENT: &str = "openapi/prancer-auth.yaml";
/// The vendor's page that the document follows, below the root of the workspace.
pub(crate) const PAGE: &str = "openapi/authentication-api.txt";
/// The generated client, below the root of the workspace.
pub(crate) const CLIENT: &str = "crates/prancer-auth-client/src/generated.rs";
/// The generated mocks, below the root of the workspace.
pub(crate) const HTTPMOCK: &str = "crates/prancer-auth-httpmock/src/generated.rs";
/// The document as JSON, which the emulator shows, below the root of the workspace.
pub(crate) const EMULATED: &str = "crates/prancer-auth-emulator/src/document.json";

/// The published versions of the document, below the root of the workspace.
pub(crate) const PUBLISHED: &str = "openapi/published";

/// A checkout of this project.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The workspace at `root`, by default the one that this xtask was built from.
    pub(crate) fn new(root: Option<PathBuf>) -> Self {
        let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let root = root.unwrap_or_else(own);
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
}
