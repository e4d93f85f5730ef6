//! The `prancer-auth` command as a whole process: its start, its memory, its size.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::emulator::{self, CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::tools;
use crate::workspace::Workspace;

pub(super) fn run(workspace: &Workspace, shell: &Shell) -> Result<()> {
    tools::need(&["hyperfine", "gh", "time"], "hyperfine gh time")?;
    cmd!(
        shell,
        "cargo build --quiet --locked --release --package prancer-auth-cli"
    )
    .run()?;
    let binary = workspace.target().join("release/prancer-auth");
    let megabytes = fs::metadata(&binary)?.len() as f64 / f64::from(1 << 20);
    println!("\nThe command as a whole process; the release binary has {megabytes:.1} MiB:\n");

    let binaries = emulator::binaries(workspace)?;
    let portal = Emulator::start(&binaries, &[])?;
    let home = tempfile::tempdir()?;
    let url = &portal.url;
    cmd!(
        shell,
        "{binary} login --portal {url} --email {EMAIL} --customer-id {CUSTOMER_ID} --store file --password-stdin"
    )
    .env("HOME", home.path())
    .stdin(PASSWORD)
    .quiet()
    .ignore_stderr()
    .run()?;

    let file = home.path().join("report.json");
    let command = binary.display();
    let commands = [
        format!("{command} token"),
        format!("{command} --help"),
        // Its token is in its environment, so it reads no keyring and asks nobody.
        "gh auth token".to_owned(),
        "cat /dev/null".to_owned(),
    ];
    cmd!(
        shell,
        "hyperfine --shell=none --warmup 20 --min-runs 200 --export-json {file}"
    )
    .args(&commands)
    .env("HOME", home.path())
    .env("GH_TOKEN", "a-token")
    .quiet()
    .ignore_stdout()
    .ignore_stderr()
    .run()?;
    let report: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let results = report["results"].as_array();
    let medians = results.context("hyperfine gave no results")?;
    let medians: Vec<_> = medians
        .iter()
        .map(|it| it["median"].as_f64().unwrap_or(f64::NAN) * 1000.0)
        .collect();
    let folder = format!("{}/", workspace.target().join("release").display());
    for (command, median) in commands.iter().zip(&medians) {
        let name = command.strip_prefix(&folder).unwrap_or(command);
        println!("{name:<22} {median:>6.2} ms");
    }
    println!("gh is {:.1} times slower", medians[2] / medians[0]);
    println!(
        "peak memory of token: {} KiB",
        peak(shell, &binary, home.path())?
    );
    Ok(())
}

/// The peak memory of `token`, in KiB.
fn peak(shell: &Shell, binary: &Path, home: &Path) -> Result<String> {
    let output = cmd!(shell, "time --format %M {binary} token")
        .env("HOME", home)
        .quiet()
        .output()?;
    Ok(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
