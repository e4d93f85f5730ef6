//! What every language has in common: a client is generated, compiled, packed, installed, and used by a session program.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::tools::{self, Tools};

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

impl Bench<'_> {
    /// Something below the folder of the session programs.
    pub(super) fn programs(&self, path: &str) -> PathBuf {
        self.root.join("tests/interop").join(path)
    }
}

/// Generates a client by openapi-generator, which has all languages.
pub(super) fn openapi_generator(
    bench: &Bench<'_>,
    name: &str,
    folder: &Path,
    properties: &str,
) -> Result<()> {
    tools::need(&["java"], "openjdk-17-jdk-headless")?;
    let (shell, document) = (bench.shell, &bench.document);
    let generator = bench.tools.python_program(shell, "openapi-generator-cli")?;
    let python = bench.tools.python_program(shell, "python")?;
    tools::quiet(cmd!(
        shell,
        "{python} {generator} generate --generator-name {name} --input-spec {document} --output {folder} --additional-properties hideGenerationTimestamp=true,{properties}"
    ))
}

/// Generates a client by Redocly, in one file beside `file`.
pub(super) fn redocly(bench: &Bench<'_>, name: &str, file: &Path, more: &[&str]) -> Result<()> {
    let redocly = bench.tools.redocly(bench.shell)?;
    let redocly = redocly.arg("generate-client").arg(&bench.document);
    let redocly = redocly.args(["--generator", name]).args(more);
    // It takes the name of a TypeScript file only, and gives it the language's own ending.
    tools::quiet(redocly.arg("--output").arg(file.with_extension("ts")))
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
