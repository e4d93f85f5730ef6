//! TypeScript: npm tarballs by two generators, compiled with all the strictness there is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use xshell::cmd;

use super::client::{Bench, Client, openapi_generator};
use crate::tools;

pub(super) struct OpenapiFetch;
pub(super) struct OpenapiGenerator;

impl Client for OpenapiFetch {
    fn language(&self) -> &'static str {
        "TypeScript"
    }

    fn generator(&self) -> &'static str {
        "openapi-typescript 7.13.0"
    }

    fn is_published(&self) -> bool {
        true
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let (shell, document) = (bench.shell, &bench.document);
        let template = bench.programs("typescript/package");
        let generator = bench.tools.node_program(shell, "openapi-typescript")?;
        fs::copy(template.join("index.ts"), folder.join("index.ts"))?;
        let schema = folder.join("schema.d.ts");
        tools::quiet(cmd!(shell, "{generator} {document} --output {schema}"))?;

        let manifest = fs::read_to_string(template.join("package.json"))?;
        let mut manifest: Value = serde_json::from_str(&manifest)?;
        manifest["version"] = bench.version.as_str().into();
        write_json(&folder.join("package.json"), &manifest)?;

        // What it imports.
        let modules = bench.tools.node(shell)?.join("node_modules");
        link(&modules, &folder.join("node_modules"))?;
        compile(bench, folder, &["index.ts"], &["--declaration"])?;
        pack(bench, folder)
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        let dependency = bench.tools.node(bench.shell)?;
        let dependency = dependency.join("node_modules/openapi-fetch");
        install(bench, package, folder, "openapi_fetch", Some(&dependency))
    }
}

impl Client for OpenapiGenerator {
    fn language(&self) -> &'static str {
        "TypeScript"
    }

    fn generator(&self) -> &'static str {
        "openapi-generator 7.26.0"
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let shell = bench.shell;
        let version = &bench.version;
        let properties = format!("npmName=@prancer/auth-api,npmVersion={version},supportsES6=true");
        openapi_generator(bench, "typescript-fetch", folder, &properties)?;
        let tsc = bench.tools.node_program(shell, "tsc")?;
        let _inside = shell.push_dir(folder);
        tools::quiet(cmd!(shell, "{tsc} --strict"))?;
        tools::quiet(cmd!(shell, "{tsc} --strict --project tsconfig.esm.json"))?;
        pack(bench, folder)
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "openapi_generator", None)
    }
}

/// Packs a folder as npm does.
fn pack(bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
    let shell = bench.shell;
    let _inside = shell.push_dir(folder);
    // The dates in the tarball are npm's own, always the same; the modes are those of the files, which a umask decides.
    #[cfg(unix)]
    tools::quiet(cmd!(shell, "chmod -R u=rwX,go=rX {folder}"))?;
    tools::quiet(cmd!(
        shell,
        "npm pack --ignore-scripts --no-update-notifier --loglevel=error"
    ))?;
    let mut files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let tarball = files.find(|it| it.extension().is_some_and(|it| it == "tgz"));
    tarball.context("npm packed nothing")
}

/// A fresh package that depends on the tarball, with the session program compiled in it.
fn install(
    bench: &Bench<'_>,
    tarball: &Path,
    folder: &Path,
    program: &str,
    dependency: Option<&Path>,
) -> Result<Command> {
    let shell = bench.shell;
    write_json(
        &folder.join("package.json"),
        &json!({ "name": "program", "private": true, "type": "module" }),
    )?;
    {
        let _inside = shell.push_dir(folder);
        // Nothing is asked of a registry: what the package depends on is among the tools.
        let types = bench.tools.node(shell)?.join("node_modules/@types/node");
        let undici = bench.tools.node(shell)?.join("node_modules/undici-types");
        let mut packages = vec![tarball, &types, &undici];
        packages.extend(dependency);
        let helpers = bench
            .tools
            .node(shell)?
            .join("node_modules/openapi-typescript-helpers");
        if dependency.is_some() {
            packages.push(&helpers);
        }
        tools::quiet(cmd!(
            shell,
            "npm install --offline --install-links --no-audit --no-fund --no-update-notifier --loglevel=error {packages...}"
        ))?;
    }
    let source = format!("{program}.ts");
    fs::copy(
        bench.programs("typescript").join(&source),
        folder.join(&source),
    )?;
    compile(bench, folder, &[&source], &[])?;
    let mut command = Command::new("node");
    command.arg(folder.join(format!("{program}.js")));
    Ok(command)
}

/// Compiles files of a folder as `tests/interop/typescript/tsconfig.json` says.
fn compile(bench: &Bench<'_>, folder: &Path, files: &[&str], more: &[&str]) -> Result<()> {
    let shell = bench.shell;
    let options = fs::read_to_string(bench.programs("typescript/tsconfig.json"))?;
    let mut options: Value = serde_json::from_str(&options)?;
    options["files"] = json!(files);
    write_json(&folder.join("tsconfig.json"), &options)?;
    let tsc = bench.tools.node_program(shell, "tsc")?;
    tools::quiet(cmd!(shell, "{tsc} --project {folder} {more...}"))
}

fn write_json(file: &Path, value: &Value) -> Result<()> {
    fs::write(file, serde_json::to_string_pretty(value)? + "\n")?;
    Ok(())
}

#[cfg(unix)]
fn link(target: &Path, link: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(target, link)?)
}

#[cfg(not(unix))]
fn link(target: &Path, link: &Path) -> Result<()> {
    Ok(std::os::windows::fs::symlink_dir(target, link)?)
}
