//! `cargo xtask bench`: measures, and writes the figures of the documentation.

use std::fs;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};
use xshell::{Shell, cmd};

use crate::chosen::chosen;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these: peers, crowd, memory, simulation, stores, command, dependents [default: all].
    names: Vec<String>,
    /// Measure nothing: build every benchmark without optimisation, and run each once.
    #[arg(long, conflicts_with = "names")]
    once: bool,
    /// Measure nothing: write the READMEs from the figures that are there.
    #[arg(long, conflicts_with_all = ["names", "once"])]
    write: bool,
}

const NAMES: [&str; 7] = [
    "peers",
    "crowd",
    "memory",
    "simulation",
    "stores",
    "command",
    "dependents",
];
/// What no bench of cargo's measures.
const SCRIPTS: [&str; 2] = ["command", "dependents"];
/// The folder of the figures and the file with all of them.
const FOLDER: &str = "crates/prancer-auth/figures";
const FILE: &str = "crates/prancer-auth/figures/figures.json";

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    if arguments.once {
        cmd!(shell, "cargo test --locked --quiet --workspace --bench *").run()?;
        peers(&shell, &[]).args(["--", "--once"]).run()?;
        for script in SCRIPTS {
            cmd!(shell, "bash tests/peers/{script}.sh --once").run()?;
        }
        return Ok(());
    }
    let mut names = chosen(&NAMES, &arguments.names)?;
    if arguments.write {
        names.clear();
    }
    for name in names {
        eprintln!("measuring: {name}");
        let lines = measure(&shell, name)?;
        let text = fs::read_to_string(workspace.join(FILE))?;
        let mut figures: Map<String, Value> = serde_json::from_str(&text)?;
        figures.insert(name.to_owned(), measured(&shell, lines)?);
        fs::write(
            workspace.join(FILE),
            serde_json::to_string_pretty(&figures)? + "\n",
        )?;
    }
    // The test that compares the READMEs with the file.
    cmd!(
        shell,
        "cargo test --locked --quiet --workspace --test it figures::readmes"
    )
    .env("SNAPSHOTS", "overwrite")
    .run()?;
    println!("wrote {FILE} and the figures of the READMEs");
    Ok(())
}

/// The benchmark of other libraries, which is a workspace of its own.
fn peers<'a>(shell: &'a Shell, profile: &[&str]) -> xshell::Cmd<'a> {
    cmd!(
        shell,
        "cargo run --locked --quiet --manifest-path tests/peers/Cargo.toml --target-dir target {profile...}"
    )
}

/// The lines that a benchmark prints; what can be drawn of them is drawn.
fn measure(shell: &Shell, name: &str) -> Result<Vec<Value>> {
    let command = match name {
        "peers" => peers(shell, &["--release"]),
        script if SCRIPTS.contains(&script) => cmd!(shell, "bash tests/peers/{name}.sh"),
        name => cmd!(
            shell,
            "cargo bench --locked --quiet --package prancer-auth --features file,redis --bench {name}"
        ),
    };
    let said = command.read()?;
    let objects: Vec<_> = said.lines().filter(|line| line.starts_with('{')).collect();
    if ["peers", "simulation"].contains(&name) {
        let plot = peers(shell, &["--release"]).args(["--", "--plot", FOLDER]);
        plot.stdin(objects.join("\n")).run()?;
    }
    let lines = objects.into_iter().map(serde_json::from_str);
    lines
        .collect::<Result<_, _>>()
        .context("not a line of JSON")
}

/// The lines with the day and the machine, less what was left out, which is told, and what only a plot can show.
fn measured(shell: &Shell, mut lines: Vec<Value>) -> Result<Value> {
    for line in &mut lines {
        println!("{line:#}");
        if let Some(line) = line.as_object_mut() {
            line.remove("hourly_per_second");
        }
    }
    let left_out = lines.iter().filter(|it| it["left_out"].is_string());
    for line in left_out {
        eprintln!(
            "left out, for there is no {} here: {}",
            line["left_out"], line["of"]
        );
    }
    lines.retain(|it| it["left_out"].is_null());
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models = processors
        .lines()
        .filter_map(|line| line.strip_prefix("model name"));
    let models: Vec<_> = models
        .map(|it| it.trim_start_matches(['\t', ':', ' ']))
        .collect();
    let model = models.first().unwrap_or(&"unknown processor");
    let rustc = cmd!(shell, "rustc --version").quiet().read()?;
    let rustc = rustc.split(" (").next().unwrap_or_default();
    Ok(json!({
        "date": cmd!(shell, "date --utc +%F").quiet().read()?,
        "machine": format!("{} x {model}, {rustc}", models.len()),
        "lines": lines,
    }))
}
