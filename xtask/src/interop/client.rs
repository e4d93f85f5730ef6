//! What every language has in common: a client is generated, compiled, packed, installed, and used by a session program.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use xshell::Shell;

use crate::tools::Tools;

/// What a driver works with.
pub(crate) struct Bench<'a> {
    pub(crate) shell: &'a Shell,
    pub(crate) tools: &'a Tools,
    /// The root of the workspace.
    pub(crate) root: &'a Path,
    /// The document.
    pub(crate) document: PathBuf,
    /// Its `info.version`.
    pub(crate) version: String,
}

/// A generated client of one language and generator.
pub(crate) trait Client {
    /// For example `Python`.
    fn language(&self) -> &'static str;

    /// The generator with its version, for example `openapi-python-client 0.29.0`.
    fn generator(&self) -> &'static str;

    /// Whether its package is published.
    fn is_published(&self) -> bool {
        false
    }

    /// Generates the client into `folder`, which is empty, compiles it strictly, and packs it.
    ///
    /// Gives the package: a file, or a folder. Twice the same bytes.
    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf>;

    /// Installs the package into `folder`, a fresh environment, compiles the session program strictly there,
    /// and gives the command that runs it.
    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command>;
}
