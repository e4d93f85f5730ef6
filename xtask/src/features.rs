//! `cargo xtask features`: the session compiles with each of its features alone and with none, what stands on it with the other TLS.

use anyhow::{Context as _, Result};
use cargo_metadata::MetadataCommand;
use xshell::{Shell, cmd};

use crate::tools;
use crate::workspace::Workspace;

const SESSION: &str = "prancer-auth";
/// What is not the default and not compiled with the session.
const OTHERS: [(&str, &str); 2] = [
    ("prancer-auth-emulator", ""),
    ("prancer-auth-cli", "native-tls"),
];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let mut metadata = MetadataCommand::new();
    let metadata = metadata.current_dir(workspace.root()).no_deps().exec()?;
    let session = metadata.packages.iter().find(|it| it.name == SESSION);
    let features = session
        .context("there is no session crate")?
        .features
        .keys();
    let alone = features.filter(|it| !["default", "rustls"].contains(&it.as_str()));
    let alone = alone.map(|it| (SESSION, it.as_str()));
    let none = std::iter::once((SESSION, ""));
    let mut count = 0;
    for (package, feature) in none.chain(alone).chain(OTHERS) {
        tools::quiet(cmd!(
            shell,
            "cargo clippy --locked --quiet --package {package} --no-default-features --features={feature} -- -D warnings"
        ))?;
        count += 1;
    }
    println!("{count} combinations of features");
    Ok(())
}
