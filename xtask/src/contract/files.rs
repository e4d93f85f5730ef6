//! The sessions that are published with the document: the Arazzo description and the `.http` file, run as their readers would.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xshell::cmd;

use super::Setting;
use crate::emulator::{CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::tools;

/// Below the root of the workspace.
const FOLDER: &str = "openapi";

/// Redocly runs the Arazzo description.
pub(super) fn arazzo(setting: &Setting<'_>) -> Result<String> {
    let emulator = Emulator::start(setting.binaries, &[])?;
    let work = tempfile::tempdir()?;
    let report = work.path().join("report.json");
    let inputs = format!("email={EMAIL},customer_id={CUSTOMER_ID},password={PASSWORD}");
    let respect = setting.tools.redocly(setting.shell)?;
    tools::quiet(
        respect
            .args(["respect", "openapi/session.arazzo.yaml", "--json-output"])
            .arg(&report)
            .env("REDOCLY_CLI_RESPECT_INPUT", inputs)
            .env(
                "REDOCLY_CLI_RESPECT_SERVER",
                format!("auth={}", emulator.url),
            ),
    )?;
    // It holds tokens, so none of it is shown.
    let report: Value = serde_json::from_str(&setting.shell.read_file(&report)?)?;
    let steps = report
        .pointer("/files/openapi~1session.arazzo.yaml/executedWorkflows/0/executedSteps")
        .and_then(Value::as_array)
        .context("redocly executed no steps")?;
    let checks: Vec<_> = steps
        .iter()
        .filter_map(|step| step["checks"].as_array())
        .flatten()
        .collect();
    let passed = checks.iter().filter(|it| it["passed"] == true).count();
    ensure!(
        steps.len() == 5 && passed == checks.len() && passed > steps.len(),
        "{passed} of {} checks of {} steps passed",
        checks.len(),
        steps.len()
    );
    Ok(format!("{} steps, {passed} checks", steps.len()))
}

/// httpYac sends what the file holds.
pub(super) fn http(setting: &Setting<'_>) -> Result<String> {
    let emulator = Emulator::start(setting.binaries, &[])?;
    let shell = setting.shell;
    let httpyac = setting.tools.node_program(shell, "httpyac")?;
    // It reads files below the current folder only.
    let _inside = shell.push_dir(setting.workspace.join(FOLDER));
    let done = cmd!(
        shell,
        "{httpyac} send session.http --all --bail --output none --no-color"
    )
    .env("PRANCER_PORTAL", &emulator.url)
    .env("PRANCER_EMAIL", EMAIL)
    .env("PRANCER_PASSWORD", PASSWORD)
    .env("PRANCER_CUSTOMER_ID", CUSTOMER_ID)
    .quiet()
    .ignore_status()
    .output()?;
    // Of a failure it shows requests and answers with their secrets, so nothing is passed on but what it counted.
    let said = String::from_utf8_lossy(&done.stdout);
    let counted = said
        .lines()
        .find(|line| line.contains("requests processed"));
    let counted = counted.unwrap_or("nothing");
    ensure!(
        done.status.success() && counted == "5 requests processed (5 succeeded)",
        "{}; {counted}",
        done.status
    );
    Ok("5 requests".to_owned())
}
