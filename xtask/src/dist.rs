//! `cargo xtask dist`: a Debian package of the command, with its manual and completions.

use anyhow::Result;
use xshell::{Shell, cmd};

use crate::tools::Tools;
use crate::workspace::Workspace;

/// The version that makes the package.
const CARGO_DEB: &str = "3.8.0";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let deb = Tools::new(workspace).crate_program(&shell, "cargo-deb", CARGO_DEB)?;
    cmd!(
        shell,
        "cargo build --locked --release --package prancer-auth-cli"
    )
    .run()?;
    let command = workspace.join("target/release/prancer-auth");
    let extras = workspace.join("target/release/extras");
    shell.create_dir(&extras)?;
    cmd!(shell, "{command} man {extras}").run()?;
    for name in ["bash", "zsh", "fish"] {
        let script = cmd!(shell, "{command} completions {name}").read()?;
        shell.write_file(extras.join(format!("completions.{name}")), script)?;
    }
    cmd!(shell, "{deb} deb --no-build --package prancer-auth-cli").run()?;
    Ok(())
}
