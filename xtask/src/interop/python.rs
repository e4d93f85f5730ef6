//! Python: wheels by two generators, each in a virtual environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use xshell::cmd;

use super::client::{Bench, Client, openapi_generator};
use crate::tools;

pub(super) struct OpenapiPythonClient;
pub(super) struct OpenapiGenerator;

impl Client for OpenapiPythonClient {
    fn language(&self) -> &'static str {
        "Python"
    }

    fn generator(&self) -> &'static str {
        "openapi-python-client 0.29.0"
    }

    fn is_published(&self) -> bool {
        true
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let (shell, document) = (bench.shell, &bench.document);
        let generator = bench.tools.python_program(shell, "openapi-python-client")?;
        let config = bench.programs("python/openapi-python-client.yaml");
        // It formats what it made by the `ruff` that it finds.
        let path = tools::path_with(&bench.tools.python(shell)?.join("bin"))?;
        tools::quiet(
            cmd!(
                shell,
                "{generator} generate --path {document} --config {config} --meta uv --fail-on-warning --output-path {folder} --overwrite"
            )
            .env("PATH", path)
            .env("RUFF_NO_CACHE", "true"),
        )?;
        wheel(bench, folder)
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "openapi_python_client.py")
    }
}

impl Client for OpenapiGenerator {
    fn language(&self) -> &'static str {
        "Python"
    }

    fn generator(&self) -> &'static str {
        "openapi-generator 7.26.0"
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let version = &bench.version;
        let properties = format!(
            "packageName=prancer_auth_api,projectName=prancer-auth-api,packageVersion={version}"
        );
        openapi_generator(bench, "python", folder, &properties)?;
        wheel(bench, folder)
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "openapi_generator.py")
    }
}

/// Builds the wheel of a generated project, with nothing but the locked tools.
fn wheel(bench: &Bench<'_>, project: &Path) -> Result<PathBuf> {
    let shell = bench.shell;
    let uv = bench.tools.python_program(shell, "uv")?;
    let python = bench.tools.python_program(shell, "python")?;
    let path = tools::path_with(&bench.tools.python(shell)?.join("bin"))?;
    let out = project.join("dist");
    tools::quiet(
        cmd!(
            shell,
            "{uv} build --wheel --offline --no-build-isolation --python {python} --out-dir {out} {project}"
        )
        .env("PATH", path)
        .env("SOURCE_DATE_EPOCH", "1609459200"),
    )?;
    let mut files = fs::read_dir(out)?.filter_map(|entry| Some(entry.ok()?.path()));
    let wheel = files.find(|it| it.extension().is_some_and(|it| it == "whl"));
    wheel.context("uv built no wheel")
}

/// A virtual environment with the wheel, in which the session program passes the strictest type check.
fn install(bench: &Bench<'_>, wheel: &Path, folder: &Path, program: &str) -> Result<Command> {
    let shell = bench.shell;
    let uv = bench.tools.python_program(shell, "uv")?;
    let mypy = bench.tools.python_program(shell, "mypy")?;
    let base = bench.tools.python_program(shell, "python")?;
    let program = bench.programs("python").join(program);
    tools::quiet(cmd!(shell, "{uv} venv --quiet --python {base} {folder}"))?;
    let python = folder.join("bin/python");
    // The versions of the lock.
    let constraints = folder.join("constraints.txt");
    fs::write(&constraints, constraints_of(bench)?)?;
    tools::quiet(cmd!(
        shell,
        "{uv} pip install --quiet --python {python} --constraint {constraints} {wheel}"
    ))?;
    tools::quiet(cmd!(shell, "{python} -m compileall -q {folder}/lib"))?;
    let cache = folder.join("mypy");
    tools::quiet(cmd!(
        shell,
        "{mypy} --strict --cache-dir {cache} --python-executable {python} {program}"
    ))?;
    let mut command = Command::new(python);
    command.arg(program);
    Ok(command)
}

/// The lock without its hashes, which would have to hold for the wheel itself too.
fn constraints_of(bench: &Bench<'_>) -> Result<String> {
    let lock = bench.root.join("xtask/tools/python/requirements.txt");
    let lock = fs::read_to_string(lock)?;
    let pinned = lock.lines().filter(|line| line.contains("=="));
    Ok(pinned
        .map(|line| format!("{}\n", line.trim_end_matches('\\').trim_end()))
        .collect())
}
