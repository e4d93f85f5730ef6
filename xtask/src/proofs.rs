//! `cargo xtask interop` and `cargo xtask contract`: scripts below `tests` that prove the document, run side by side.

use anyhow::{Context as _, Result};
use xshell::{Shell, cmd};

use crate::chosen::chosen;
use crate::report::Report;
use crate::tools::{self, Tools};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only those whose name begins with one of these, for example `python` [default: all].
    names: Vec<String>,
    /// Install the packages of the last publication where there are some, instead of packing anew.
    #[arg(long)]
    published: bool,
}

/// The clients: each has a script and a session program below `tests/interop`.
const CLIENTS: [&str; 13] = [
    // Those that take longest begin first.
    "java/openapi_generator",
    "python/openapi_generator",
    "go/openapi_generator",
    "typescript/openapi_generator",
    "php/openapi_generator",
    "ruby/openapi_generator",
    "python/openapi_python_client",
    "go/redocly",
    "typescript/openapi_fetch",
    "java/redocly",
    "php/redocly",
    "rust/progenitor",
    "curl/by_hand",
];

/// The clients whose packages are published, and where these lie in `target/publish`.
pub(crate) const PUBLISHED: [(&str, &str); 5] = [
    ("python/openapi_python_client", "python"),
    ("typescript/openapi_fetch", "typescript"),
    ("go/redocly", "go"),
    ("java/openapi_generator", "java"),
    ("php/redocly", "php"),
];

/// The emulator is what the document says, client and command send nothing else, and the packages are installed as the README says.
const CONTRACTS: [&str; 7] = [
    "schemathesis",
    "prism",
    "docs",
    "reference",
    "arazzo",
    "http",
    "install",
];

pub(crate) fn interop(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    run(workspace, "tests/interop", &CLIENTS, arguments)
}

pub(crate) fn contract(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    run(workspace, "tests/contract", &CONTRACTS, arguments)
}

fn run(
    workspace: &Workspace,
    folder: &str,
    scripts: &[&'static str],
    arguments: &Arguments,
) -> Result<()> {
    let chosen = chosen(scripts, &arguments.names)?;
    let count = chosen.len();
    Tools::new(workspace).all()?;
    let binaries = &workspace.build()?;
    let report = Report::default();
    let named = chosen.into_iter().map(|it| (it.to_owned(), it));
    report.add_all(named, |name| {
        let script = workspace.join(folder).join(format!("{name}.sh"));
        let shell = Shell::new()?;
        let mut command = cmd!(shell, "bash {script}");
        if arguments.published {
            command = command.args(package(workspace, name)?);
        }
        let said = tools::output(command.env("PRANCER_BINARIES", binaries))?;
        Ok(said.lines().last().unwrap_or_default().to_owned())
    });
    report.end()?;
    println!("{count} scripts");
    Ok(())
}

/// The arguments that give a client's script its published package; none where it has none.
fn package(workspace: &Workspace, name: &str) -> Result<Vec<String>> {
    let Some((_, language)) = PUBLISHED.iter().find(|(it, _)| *it == name) else {
        return Ok(Vec::new());
    };
    let folder = workspace.target().join("publish").join(language);
    let mut packages = folder
        .read_dir()
        .with_context(|| format!("nothing is published in {}", folder.display()))?;
    let package = packages.next().context("no package is published")??.path();
    Ok(vec!["session".to_owned(), package.display().to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_script_is_started() {
        let workspace = Workspace::new(None);
        for (folder, scripts) in [
            ("tests/interop", &CLIENTS[..]),
            ("tests/contract", &CONTRACTS),
        ] {
            let mut there = Vec::new();
            for file in crate::files::below(&workspace.join(folder)).unwrap() {
                let text = std::fs::read_to_string(&file).unwrap_or_default();
                // `curl/session.sh` is a session program.
                if text.starts_with("#!/usr/bin/env bash") && !file.ends_with("curl/session.sh") {
                    let name = file.strip_prefix(workspace.join(folder)).unwrap();
                    there.push(name.with_extension("").to_str().unwrap().to_owned());
                }
            }
            let mut started = scripts.to_vec();
            started.sort_unstable();
            assert_eq!(there, started);
        }
    }
}
