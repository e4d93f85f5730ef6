//! `cargo xtask interop`: in every language a client is generated, compiled, packed, installed, and logs in and out.

mod client;
mod curl;
mod go;
mod java;
mod php;
mod python;
mod rust;
mod typescript;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use xshell::Shell;

use self::client::{Bench, Client};
use crate::document::Document;
use crate::emulator::{self, Binaries, CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::files;
use crate::report::Report;
use crate::tools::Tools;
use crate::workspace::{DOCUMENT, Workspace};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Only these languages, for example `python` [default: all].
    languages: Vec<String>,
}

/// Every language, with each of its generators.
fn clients() -> Vec<Box<dyn Client>> {
    vec![
        Box::new(rust::Rust),
        Box::new(python::OpenapiPythonClient),
        Box::new(python::OpenapiGenerator),
        Box::new(typescript::OpenapiFetch),
        Box::new(typescript::OpenapiGenerator),
        Box::new(go::Redocly),
        Box::new(go::OpenapiGenerator),
        Box::new(java::Redocly),
        Box::new(java::OpenapiGenerator),
        Box::new(php::Redocly),
        Box::new(php::OpenapiGenerator),
        Box::new(curl::Curl),
    ]
}

/// What a session program says, line by line, once it has checked it.
const CHECKS: [&str; 7] = [
    "ok wrong password refused",
    "ok logged in",
    "ok secure call",
    "ok refreshed",
    "ok wrong token refused by refresh",
    "ok logged out",
    "ok refresh refused after logout",
];

/// The portals that every client meets: whose answers they give, and the tenant in their paths.
const PORTALS: [(&str, Option<&str>); 4] = [
    ("2021", None),
    ("2021", Some("prancer-customer1")),
    ("2022", None),
    ("2022", Some("prancer-customer1")),
];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    let tools = Tools::new(workspace);
    let chosen = choose(clients(), &arguments.languages)?;
    let bench = bench(workspace, &shell, &tools)?;
    let binaries = emulator::binaries(workspace)?;
    let mut portals = Vec::new();
    for (shape, tenant) in PORTALS {
        portals.push(Portal::start(&binaries, shape, tenant)?);
    }

    let mut report = Report::default();
    for client in &chosen {
        let name = format!("{:<11} {}", client.language(), client.generator());
        report.add(name, || prove(client.as_ref(), &bench, &portals, workspace));
    }
    report.end()
}

/// The session program of the Rust client, built.
pub(crate) fn rust_session(workspace: &Workspace, shell: &Shell) -> Result<PathBuf> {
    rust::build(shell, workspace.root())
}

/// Packs the clients whose packages are published into a folder.
pub(crate) fn pack(
    workspace: &Workspace,
    shell: &Shell,
    tools: &Tools,
    folder: &Path,
    work: &str,
) -> Result<()> {
    let bench = bench(workspace, shell, tools)?;
    for client in clients().iter().filter(|it| it.is_published()) {
        tell(client.as_ref(), "packing");
        let work = fresh(&workspace.target().join("interop"), client.as_ref(), work)?;
        let package = client.pack(&bench, &work)?;
        let name = package.file_name().context("a package has a name")?;
        let target = folder.join(client.language().to_lowercase()).join(name);
        files::copy(&package, &target)?;
    }
    Ok(())
}

fn bench<'a>(workspace: &'a Workspace, shell: &'a Shell, tools: &'a Tools) -> Result<Bench<'a>> {
    Ok(Bench {
        shell,
        tools,
        root: workspace.root(),
        document: workspace.join(DOCUMENT),
        version: Document::read(workspace)?.version()?.to_owned(),
    })
}

/// The clients of the named languages; of all where none is named.
fn choose(clients: Vec<Box<dyn Client>>, names: &[String]) -> Result<Vec<Box<dyn Client>>> {
    let is = |client: &dyn Client, name: &str| client.language().eq_ignore_ascii_case(name);
    for name in names {
        if !clients.iter().any(|it| is(it.as_ref(), name)) {
            let mut known: Vec<_> = clients.iter().map(|it| it.language()).collect();
            known.dedup();
            bail!(
                "no language is named {name}; there are {}",
                known.join(", ")
            );
        }
    }
    let chosen = clients.into_iter();
    let chosen =
        chosen.filter(|it| names.is_empty() || names.iter().any(|name| is(it.as_ref(), name)));
    Ok(chosen.collect())
}

/// How many sessions and checks a client went through.
fn prove(
    client: &dyn Client,
    bench: &Bench<'_>,
    portals: &[Portal],
    workspace: &Workspace,
) -> Result<String> {
    let folder = workspace.target().join("interop");
    tell(client, "generating, compiling, packing");
    let package = client.pack(bench, &fresh(&folder, client, "client")?)?;
    tell(client, "installing");
    let program = client.install(bench, &package, &fresh(&folder, client, "program")?)?;
    let mut checks = 0;
    for portal in portals {
        tell(client, &format!("a session with {}", portal.name));
        let done = session(&program, &portal.url);
        checks += done.with_context(|| format!("with {}", portal.name))?;
    }
    Ok(format!("{} sessions, {checks} checks", portals.len()))
}

/// Runs a session program, and counts what it has checked.
fn session(program: &Command, portal: &str) -> Result<usize> {
    let mut command = Command::new(program.get_program());
    command.args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = program.get_current_dir() {
        command.current_dir(folder);
    }
    let output = command
        .env("PRANCER_PORTAL", portal)
        .env("PRANCER_EMAIL", EMAIL)
        .env("PRANCER_PASSWORD", PASSWORD)
        .env("PRANCER_CUSTOMER_ID", CUSTOMER_ID)
        .output()
        .with_context(|| format!("cannot start {:?}", program.get_program()))?;
    let (said, problem) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    for secret in ["eyJ", PASSWORD] {
        let shown = said.contains(secret) || problem.contains(secret);
        ensure!(!shown, "the session program shows a secret");
    }
    ensure!(
        output.status.success() && said.lines().eq(CHECKS),
        "the session program said, {}:\n{said}{problem}",
        output.status
    );
    Ok(CHECKS.len())
}

struct Portal {
    name: String,
    /// With the tenant, where there is one.
    url: String,
    _emulator: Emulator,
}

impl Portal {
    fn start(binaries: &Binaries, shape: &str, tenant: Option<&str>) -> Result<Self> {
        let mut arguments = vec!["--shape", shape];
        arguments.extend(tenant.iter().flat_map(|tenant| ["--tenant", tenant]));
        let emulator = Emulator::start(binaries, &arguments)?;
        let segment = tenant.map(|it| format!("/{it}")).unwrap_or_default();
        Ok(Self {
            name: format!(
                "a portal of {shape} at {}",
                if segment.is_empty() { "/" } else { &segment }
            ),
            url: format!("{}{segment}", emulator.url),
            _emulator: emulator,
        })
    }
}

fn tell(client: &dyn Client, what: &str) {
    anstream::eprintln!("{}, {}: {what}", client.language(), client.generator());
}

/// An empty folder for a client.
fn fresh(folder: &Path, client: &dyn Client, name: &str) -> Result<PathBuf> {
    let generator = client.generator().split(' ').next().unwrap_or_default();
    let slug = format!("{}-{generator}", client.language().to_lowercase());
    files::fresh(folder.join(slug).join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_generator_is_named_with_the_version_that_is_locked() {
        let locks = [
            include_str!("../../Cargo.toml"),
            include_str!("../tools/node/package.json"),
            include_str!("../tools/python/requirements.in"),
            include_str!("../tools/redocly/package.json"),
        ]
        .concat();
        // As the lock files write it.
        let pin = |generator: &str| match generator.split_once(' ') {
            Some(("redocly", version)) => format!("\"@redocly/cli\": \"{version}\""),
            Some(("progenitor", version)) => format!("progenitor-client = \"={version}\""),
            Some(("openapi-typescript", version)) => {
                format!("\"openapi-typescript\": \"{version}\"")
            }
            Some(("openapi-generator", version)) => format!("openapi-generator-cli=={version}"),
            Some((name, version)) => format!("{name}=={version}"),
            None => String::new(),
        };
        for client in clients().iter().filter(|it| it.generator() != "by hand") {
            let pin = pin(client.generator());
            assert!(locks.contains(&pin), "{pin} is in no lock file");
        }
    }
}
