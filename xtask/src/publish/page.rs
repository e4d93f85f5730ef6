//! The reference page: one HTML file that needs nothing else.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use xshell::Shell;

use super::samples;
use crate::document::Document;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

/// Options, template and overlay of the page, below the root of the workspace.
const FOLDER: &str = "openapi/reference";
/// Pictures that the page would ask a server for, and what it shows instead.
const FOREIGN: [&str; 2] = [
    "https://cdn.redoc.ly/redoc/logo-mini-full.svg",
    "https://cdn.redoc.ly/redoc/logo-mini.svg",
];
const OWN: &str = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='38' height='14'><text y='11' font-family='sans-serif' font-size='12' fill='gray'>Redoc</text></svg>";

/// Makes the page in a folder.
pub(super) fn make(
    workspace: &Workspace,
    shell: &Shell,
    tools: &Tools,
    document: &Document,
    folder: &Path,
) -> Result<()> {
    let ours = workspace.join(FOLDER);
    let work = tempfile::tempdir()?;
    let (with_samples, shown) = (work.path().join("a.json"), work.path().join("b.json"));
    let mut document = document.value().clone();
    let languages = samples::add(workspace, &mut document)?;
    fs::write(&with_samples, document.to_string())?;
    let bundle = tools.redocly(shell)?.arg("bundle").arg(&with_samples);
    let bundle = bundle.arg("--overlay").arg(ours.join("overlay.yaml"));
    tools::quiet(bundle.arg("--output").arg(&shown))?;

    // Languages that it is not told of, it leaves out without a word.
    let options = fs::read_to_string(ours.join("options.json"))?;
    let mut options: Value = serde_json::from_str(&options)?;
    options["codeSamples"] = json!({ "languages": languages });
    let options_file = work.path().join("options.json");
    fs::write(&options_file, options.to_string())?;

    let page = folder.join("reference.html");
    let build = tools.redocly(shell)?.args(["build-docs", "--inlineBundle"]);
    let build = build.arg(&shown).arg("--openapi").arg(&options_file);
    let build = build.arg("--template").arg(ours.join("template.hbs"));
    tools::quiet(build.arg("--output").arg(&page))?;
    let mut html = fs::read_to_string(&page)?;
    for foreign in FOREIGN {
        let count = html.matches(foreign).count();
        ensure!(count == 1, "the page has {foreign} {count} times, not once");
        html = html.replace(foreign, OWN);
    }
    fs::write(&page, html)?;
    Ok(())
}
