//! Prism stands between: it refuses requests that the document does not describe, and tells of answers that it does not.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use xshell::{Shell, cmd};

use super::Setting;
use crate::emulator::{CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::interop;
use crate::tools::{self, Tools};
use crate::workspace::{DOCUMENT, Workspace};

/// How long a line of its log is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn check(setting: &Setting<'_>) -> Result<String> {
    let mut calls = 0;
    for shape in ["2021", "2022"] {
        let emulator = Emulator::start(setting.binaries, &["--shape", shape])?;
        let portal = &emulator.url;
        let proxy = Proxy::start(setting.workspace, setting.shell, setting.tools, portal)?;
        calls += client(setting, &proxy.url)? + command(setting, &proxy.url)?;
        violations(setting, &proxy, portal)?;
    }
    Ok(format!("{calls} calls, 4 violations found"))
}

/// The generated client, in its example.
fn client(setting: &Setting<'_>, url: &str) -> Result<usize> {
    let said = tools::output(session(setting, url)?.arg("--documented"))?;
    let checks = said.lines().filter(|line| line.starts_with("ok ")).count();
    ensure!(checks == 5, "the client's session said\n{said}");
    Ok(checks)
}

/// A request and an answer that the document does not describe are found, and nothing else was.
fn violations(setting: &Setting<'_>, proxy: &Proxy, portal: &str) -> Result<()> {
    let url = &proxy.url;
    let login = json!({ "email": EMAIL, "password": PASSWORD });
    let request = curl(
        setting,
        &["--data", "@-", &format!("{url}/api/login/")],
        &login.to_string(),
    )?;
    ensure!(
        request.contains("prism/errors"),
        "a login without a customer id got through"
    );
    // The portal answers 422 to an access token, and `{"msg": ..}`.
    let login = json!({ "email": EMAIL, "password": PASSWORD, "customer_id": CUSTOMER_ID });
    let tokens = curl(
        setting,
        &["--data", "@-", &format!("{portal}/api/login/")],
        &login.to_string(),
    )?;
    let tokens: Value = serde_json::from_str(&tokens)?;
    let token = tokens["data"]["token"].as_str();
    let header = format!(
        "authorization: Bearer {}",
        token.context("the login gave no token")?
    );
    curl(
        setting,
        &["--header", "@-", &format!("{url}/api/refresh/token/")],
        &header,
    )?;
    let line = proxy.violations.recv_timeout(PATIENCE);
    let line = line.context("an answer that is not documented got through")?;
    ensure!(line.contains("Violation: response"), "{line}");
    // Of the calls before there is no such line: it would have come first, and this one now.
    let more = proxy.violations.recv_timeout(Duration::from_secs(2));
    ensure!(more.is_err(), "one more violation: {line}");
    Ok(())
}

/// What is answered to a request, whose secrets come on standard input.
fn curl(setting: &Setting<'_>, arguments: &[&str], input: &str) -> Result<String> {
    let curl = cmd!(
        setting.shell,
        "curl --silent --header content-type:application/json {arguments...}"
    );
    Ok(curl.stdin(input).quiet().read()?)
}

fn session<'a>(setting: &Setting<'a>, url: &str) -> Result<xshell::Cmd<'a>> {
    let program = interop::rust_session(setting.workspace, setting.shell)?;
    Ok(setting
        .shell
        .cmd(program)
        .env("PRANCER_PORTAL", url)
        .env("PRANCER_EMAIL", EMAIL)
        .env("PRANCER_PASSWORD", PASSWORD)
        .env("PRANCER_CUSTOMER_ID", CUSTOMER_ID))
}

/// The command, with the session on top.
fn command(setting: &Setting<'_>, url: &str) -> Result<usize> {
    let home = tempfile::tempdir()?;
    let binary = setting.binaries.get("prancer-auth");
    let binary = binary.context("cargo built no prancer-auth")?;
    let file = home.path().join("password");
    fs::write(&file, PASSWORD)?;
    let run = |arguments: &[&str]| {
        let output = Command::new(binary)
            .args(arguments)
            .env_clear()
            .env("HOME", home.path())
            .stdin(fs::File::open(&file)?)
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.success(),
            "prancer-auth {}: {said}",
            arguments.join(" ")
        );
        Ok(())
    };
    run(&[
        "login",
        "--portal",
        url,
        "--email",
        EMAIL,
        "--customer-id",
        CUSTOMER_ID,
        "--store",
        "file",
        "--password-stdin",
    ])?;
    run(&["refresh"])?;
    run(&["logout"])?;
    Ok(3)
}

/// The proxy's process, which ends with this.
struct Proxy {
    url: String,
    /// What it finds against the document, line by line.
    violations: Receiver<String>,
    process: Child,
}

impl Proxy {
    fn start(workspace: &Workspace, shell: &Shell, tools: &Tools, url: &str) -> Result<Self> {
        let mut process = Command::new(tools.node_program(shell, "prism")?)
            .args(["proxy", "--errors", "--port", "0"])
            .arg(workspace.join(DOCUMENT))
            .arg(url)
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start prism")?;
        let output = process.stdout.take().context("prism has no output")?;
        let (found, violations) = mpsc::channel();
        let mut proxy = Self {
            url: String::new(),
            violations,
            process,
        };
        let mut lines = BufReader::new(output).lines();
        for line in lines.by_ref() {
            if let Some((_, url)) = line?.split_once("is listening on ") {
                proxy.url = url.trim().to_owned();
                break;
            }
        }
        ensure!(!proxy.url.is_empty(), "prism ended before it listened");
        // It goes on to write; who does not read makes it wait.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if line.contains("iolation") && found.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(proxy)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
