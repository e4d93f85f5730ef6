//! `cargo xtask interface`: lists what users can name of the two libraries, so that a change of it is seen in review.

use anyhow::{Result, bail, ensure};
use public_api::Builder;
use xshell::{Shell, cmd};

use crate::outputs::{self, Output};
use crate::tools;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Write nothing, and fail where a list is stale.
    #[arg(long)]
    check: bool,
}

/// A library, and its list below the root of the workspace.
const LISTS: [(&str, &str); 2] = [
    ("prancer_auth", "crates/prancer-auth/public-api.txt"),
    (
        "prancer_auth_client",
        "crates/prancer-auth-client/public-api.txt",
    ),
];

/// Without the space that others write in it: so cargo takes pages that were made without lists for stale. CI's `docs` makes both.
const FLAGS: &str = "-Dwarnings";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    if !arguments.check {
        return write(workspace);
    }
    let stale = outputs::diff(workspace, &lists(workspace)?)?;
    if !stale.is_empty() {
        bail!("{stale}the lists are stale; write them with: cargo xtask interface");
    }
    println!("{} lists are up to date", LISTS.len());
    Ok(())
}

pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    for path in outputs::write(workspace, &lists(workspace)?)? {
        println!("wrote {path}");
    }
    Ok(())
}

fn lists(workspace: &Workspace) -> Result<Vec<Output>> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let rustdoc = workspace.join("xtask/tools/rustdoc-json.sh");
    // All of the workspace, with the features that everything was checked with before.
    let build = cmd!(
        shell,
        "cargo doc --locked --workspace --no-deps --lib --quiet"
    );
    let build = build.env("RUSTDOC", rustdoc);
    tools::quiet(build.env("RUSTDOCFLAGS", FLAGS))?;
    let mut lists = Vec::new();
    for (library, path) in LISTS {
        let described = workspace.target().join(format!("doc/{library}.json"));
        let described = Builder::from_rustdoc_json(described);
        let interface = described
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(true)
            .build()?;
        let items = interface.items().map(|it| format!("{it}\n"));
        lists.push(Output {
            path,
            content: items.collect(),
        });
    }
    ensure!(
        !lists[0].content.contains("progenitor"),
        "a type of the generator is in the interface of prancer-auth"
    );
    Ok(lists)
}
