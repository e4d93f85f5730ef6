//! `cargo xtask contract`: the emulator is what the document says, and the client sends nothing else.

mod browser;
mod files;
mod prism;
mod schemathesis;

use anyhow::{Result, bail};
use xshell::Shell;

use crate::emulator::{self, Binaries};
use crate::report::Report;
use crate::tools::Tools;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these: schemathesis, prism, arazzo, http, docs, reference [default: all].
    checks: Vec<String>,
}

/// What a check works with.
struct Setting<'a> {
    workspace: &'a Workspace,
    shell: &'a Shell,
    tools: &'a Tools,
    binaries: &'a Binaries,
}

/// Says what it counted.
type Check = fn(&Setting<'_>) -> Result<String>;

const CHECKS: [(&str, &str, Check); 6] = [
    (
        "schemathesis",
        "the emulator under generated requests",
        schemathesis::check,
    ),
    (
        "prism",
        "client and command through a validating proxy",
        prism::check,
    ),
    ("arazzo", "the Arazzo session", files::arazzo),
    ("http", "the .http file", files::http),
    ("docs", "the emulator's page in a browser", browser::docs),
    (
        "reference",
        "the reference page in a browser without network",
        browser::reference,
    ),
];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    for name in &arguments.checks {
        if !CHECKS.iter().any(|(it, ..)| it == name) {
            let names = CHECKS.map(|(name, ..)| name).join(", ");
            bail!("no check is named {name}; there are {names}");
        }
    }
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let setting = Setting {
        workspace,
        shell: &shell,
        tools: &Tools::new(workspace),
        binaries: &emulator::binaries(workspace)?,
    };
    let mut report = Report::default();
    for (name, what, check) in CHECKS {
        if arguments.checks.is_empty() || arguments.checks.iter().any(|it| it == name) {
            report.add(format!("{name:<13} {what}"), || check(&setting));
        }
    }
    report.end()
}
