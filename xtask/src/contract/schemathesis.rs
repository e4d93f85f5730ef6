//! Schemathesis sends the emulator whatever the document allows, and much that it does not.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use xshell::cmd;

use super::Setting;
use crate::emulator::{CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::tools;
use crate::workspace::DOCUMENT;

/// The same requests at every run.
const SEED: &str = "2021";
/// For each operation.
const EXAMPLES: &str = "100";

pub(super) fn check(setting: &Setting<'_>) -> Result<String> {
    let mut counted = 0;
    for shape in ["2021", "2022"] {
        counted += check_shape(setting, shape).with_context(|| format!("answers of {shape}"))?;
    }
    Ok(format!("{counted} requests"))
}

fn check_shape(setting: &Setting<'_>, shape: &str) -> Result<u64> {
    let emulator = Emulator::start(setting.binaries, &["--documented", "--shape", shape])?;
    let work = tempfile::tempdir()?;
    // A logout ends both tokens of its session, so the two schemes have sessions of their own.
    let access_token = login(setting, &emulator.url, "token")?;
    let refresh_token = login(setting, &emulator.url, "refresh_token")?;
    let config = work.path().join("schemathesis.toml");
    fs::write(
        &config,
        format!(
            "[auth.openapi]\naccessToken = {{ bearer = \"{access_token}\" }}\nrefreshToken = {{ bearer = \"{refresh_token}\" }}\n\
             [[operations]]\ninclude-operation-id = \"login\"\n\
             # Well-formed credentials that are nobody's are refused with a 400.\n\
             checks.positive_data_acceptance.expected-statuses = [200, 400]\n"
        ),
    )?;
    let shell = setting.shell;
    let program = setting.tools.python_program(shell, "schemathesis")?;
    let url = &emulator.url;
    let document = setting.workspace.join(DOCUMENT);
    let done = cmd!(
        shell,
        "{program} --config-file {config} run {document} --url {url}"
    )
    .args([
        "--checks",
        "all",
        "--seed",
        SEED,
        "--max-examples",
        EXAMPLES,
    ])
    .args(["--continue-on-failure", "--workers", "1", "--no-color"]);
    // It leaves what it found in the current folder.
    let _inside = shell.push_dir(work.path());
    let said = tools::output(done)?;
    let requests = count(&said)?;
    ensure!(requests >= 300, "only {requests} requests:\n{said}");
    Ok(requests)
}

/// The number of requests in the summary.
fn count(said: &str) -> Result<u64> {
    let line = said.lines().find_map(|line| {
        let (number, rest) = line.trim().split_once(' ')?;
        rest.starts_with("generated").then(|| number.parse().ok())?
    });
    line.with_context(|| format!("schemathesis counted nothing:\n{said}"))
}

/// A token of a fresh login.
fn login(setting: &Setting<'_>, url: &str, token: &str) -> Result<String> {
    let body = serde_json::json!({
        "email": EMAIL, "password": PASSWORD, "customer_id": CUSTOMER_ID,
    });
    let shell = setting.shell;
    let answer = cmd!(
        shell,
        "curl --silent --fail --header content-type:application/json --data @- {url}/api/login/"
    );
    let answer = tools::output(answer.stdin(body.to_string()))?;
    let answer: Value = serde_json::from_str(&answer)?;
    let token = answer["data"][token].as_str();
    Ok(token.context("the login gave no token")?.to_owned())
}
