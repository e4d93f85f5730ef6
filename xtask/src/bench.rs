//! `cargo xtask bench`: how fast a valid token is, here and in other libraries, and what a thousand callers find.

mod command;

use std::fs;

use anyhow::Result;
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::plot::{self, Bar};
use crate::simulate::number;
use crate::workspace::Workspace;

/// The plot, below the root of the workspace.
const FIGURE: &str = "crates/prancer-auth/figures/valid-token.svg";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only the `prancer-auth` command as a whole process.
    #[arg(long)]
    command: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    describe_machine(&shell)?;
    if arguments.command {
        return command::run(workspace, &shell);
    }
    let target = workspace.join("target/peers");
    let peers = cmd!(
        shell,
        "cargo run --quiet --release --locked --manifest-path tests/peers/Cargo.toml --target-dir {target}"
    );
    let peers = plot::json_lines(&peers.read()?);
    println!("\nA valid token of 700 bytes, from the cache:\n");
    println!(
        "{:<20} {:<9} {:<11} {:>8} {:>14} {:>7}",
        "library", "version", "result", "ns", "ns, 2 threads", "allocs"
    );
    for peer in &peers {
        println!(
            "{:<20} {:<9} {:<11} {:>8.1} {:>14.1} {:>7.0}",
            text(peer, "peer"),
            text(peer, "version"),
            text(peer, "result"),
            number(peer, "ns")?,
            peer["ns_two_threads"].as_f64().unwrap_or(f64::NAN),
            number(peer, "allocations")?,
        );
    }
    let bars: Vec<_> = peers
        .iter()
        .filter(|it| text(it, "result") == "header")
        .map(bar)
        .collect();
    plot::bars(
        &workspace.join(FIGURE),
        "A valid token as a ready header, one thread, nanoseconds",
        &bars,
    )?;

    let crowd = cmd!(
        shell,
        "cargo bench --quiet --package prancer-auth --bench crowd"
    );
    let crowd = plot::json_lines(&crowd.read()?);
    println!("\nA thousand callers at once, an exchange takes 20 ms:\n");
    println!(
        "{:<45} {:>6} {:>9} {:>10} {:>11} {:>12}",
        "case", "served", "exchanges", "p50 wait", "max wait", "exchange"
    );
    for case in crowd.iter().filter(|it| it["crowd"].is_string()) {
        println!(
            "{:<45} {:>6} {:>9} {:>7.1} us {:>8.1} us {:>9.1} us",
            text(case, "crowd"),
            number(case, "served")?,
            number(case, "exchanges")?,
            number(case, "wait_p50_us")?,
            number(case, "wait_max_us")?,
            number(case, "exchange_us")?,
        );
    }
    let memory = cmd!(
        shell,
        "cargo bench --quiet --package prancer-auth --bench memory"
    );
    let memory = plot::json_lines(&memory.read()?);
    let stores = cmd!(
        shell,
        "cargo bench --quiet --package prancer-auth --features file,redis --bench stores"
    );
    let stores = plot::json_lines(&stores.read()?);
    for other in crowd
        .iter()
        .filter(|it| !it["crowd"].is_string())
        .chain(&memory)
        .chain(&stores)
    {
        println!("\n{other:#}");
    }
    command::run(workspace, &shell)?;
    println!("\nwrote {FIGURE}");
    Ok(())
}

/// On what the figures are measured.
fn describe_machine(shell: &Shell) -> Result<()> {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<_> = processors
        .lines()
        .filter(|line| line.starts_with("model name"))
        .collect();
    let model = models.first().and_then(|line| line.split(": ").nth(1));
    let rustc = cmd!(shell, "rustc --version").quiet().read()?;
    println!(
        "{} x {}, {rustc}",
        models.len(),
        model.unwrap_or("unknown processor")
    );
    Ok(())
}

fn text<'a>(line: &'a Value, key: &str) -> &'a str {
    line[key].as_str().unwrap_or_default()
}

fn bar(peer: &Value) -> Bar {
    Bar {
        name: format!("{} {}", text(peer, "peer"), text(peer, "version")),
        value: peer["ns"].as_f64().unwrap_or_default(),
    }
}
