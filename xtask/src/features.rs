//! `cargo xtask features`: every published crate compiles with each of its features alone, and with none.

use anyhow::Result;
use cargo_metadata::MetadataCommand;
use xshell::{Shell, cmd};

use crate::release;
use crate::tools;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let mut metadata = MetadataCommand::new();
    let metadata = metadata.current_dir(workspace.root()).no_deps().exec()?;
    let mut count = 0;
    for package in release::published(&metadata) {
        let name = package.name.as_str();
        let alone = package.features.keys().filter(|it| *it != "default");
        for feature in std::iter::once("").chain(alone.map(String::as_str)) {
            tools::quiet(cmd!(
                shell,
                "cargo clippy --locked --quiet --package {name} --no-default-features --features={feature} -- -D warnings"
            ))?;
            count += 1;
        }
    }
    println!("{count} combinations of features");
    Ok(())
}
