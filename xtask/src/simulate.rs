//! `cargo xtask simulate`: a month of a million sessions in virtual time, as a table and a plot.

use anyhow::{Context as _, Result};
use serde_json::Value;
use xshell::{Shell, cmd};

use crate::plot::{self, Line};
use crate::workspace::Workspace;

/// The plot, below the root of the workspace.
const FIGURE: &str = "crates/prancer-auth/figures/simulation.svg";

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let output = cmd!(
        shell,
        "cargo bench --quiet --package prancer-auth --bench simulation"
    );
    let runs = plot::json_lines(&output.read()?);

    println!(
        "{:<24} {:>10} {:>10} {:>13} {:>9} {:>8}",
        "policy", "mean/s", "peak/mean", "after outage", "unserved", "seconds"
    );
    for run in &runs {
        println!(
            "{:<24} {:>10.1} {:>10.2} {:>13.2} {:>9} {:>8.1}",
            run["simulation"].as_str().unwrap_or_default(),
            number(run, "mean_per_second")?,
            number(run, "peak_over_mean")?,
            number(run, "peak_after_outage_over_mean")?,
            number(run, "unserved")?,
            number(run, "seconds")?,
        );
    }

    let lines: Vec<_> = runs.iter().take(2).map(line).collect();
    plot::lines(
        &workspace.join(FIGURE),
        "A million sessions that logged in within one minute: requests for a token",
        ("day", "per second, mean of an hour"),
        &lines,
    )?;
    println!("wrote {FIGURE}");
    Ok(())
}

fn line(run: &Value) -> Line {
    let hours = run["hourly_per_second"].as_array().into_iter().flatten();
    let hours = hours.filter_map(Value::as_f64).enumerate();
    Line {
        name: run["simulation"].as_str().unwrap_or_default().to_owned(),
        points: hours
            .map(|(hour, rate)| {
                (
                    f64::from(u32::try_from(hour).unwrap_or_default()) / 24.0,
                    rate,
                )
            })
            .collect(),
    }
}

pub(crate) fn number(line: &Value, key: &str) -> Result<f64> {
    line[key]
        .as_f64()
        .with_context(|| format!("the benchmark printed no {key}"))
}
