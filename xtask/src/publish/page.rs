//! The reference page: one HTML file that needs nothing else.

use std::fs;
use std::path::Path;

use anyhow::Result;
use xshell::Shell;

use super::samples;
use crate::document::Document;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// The name of the page.
pub(crate) const NAME: &str = "reference.html";

/// Makes the page in a folder.
pub(super) fn make(
    workspace: &Workspace,
    shell: &Shell,
    tools: &Tools,
    folder: &Path,
) -> Result<()> {
    let mut document = Document::read(workspace)?.value().clone();
    samples::add(workspace, &mut document)?;
    let work = tempfile::tempdir()?;
    let (with_samples, shown) = (work.path().join("a.json"), work.path().join("b.json"));
    fs::write(&with_samples, document.to_string())?;
    let overlay = workspace.join("openapi/overlays/reference.yaml");
    tools::quiet(
        tools
            .redocly(shell)?
            .arg("bundle")
            .arg(&with_samples)
            .arg("--overlay")
            .arg(overlay)
            .arg("--output")
            .arg(&shown),
    )?;
    tools::quiet(
        tools
            .redocly(shell)?
            .args(["build-docs", "--inlineBundle", "--config"])
            .arg(workspace.join("openapi/redocly.yaml"))
            .arg(&shown)
            .arg("--output")
            .arg(folder.join(NAME)),
    )
}
