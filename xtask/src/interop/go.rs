//! Go: modules by two generators, got from a module proxy that is a folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use xshell::{Cmd, cmd};

use super::client::{Bench, Client, openapi_generator, redocly};
use crate::tools;

/// The path of the module.
const MODULE: &str = "github.com/prancer-io/prancer-auth/go";
/// The language's version that the modules ask for.
const GO: &str = "1.23";

pub(super) struct Redocly;
pub(super) struct OpenapiGenerator;

impl Client for Redocly {
    fn language(&self) -> &'static str {
        "Go"
    }

    fn generator(&self) -> &'static str {
        "redocly 2.77.0"
    }

    fn is_published(&self) -> bool {
        true
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let source = folder.join("source");
        fs::create_dir(&source)?;
        redocly(
            bench,
            "go",
            &source.join("client.go"),
            &["--go-package", "prancerauth"],
        )?;
        pack(bench, folder, &source)
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "redocly")
    }
}

impl Client for OpenapiGenerator {
    fn language(&self) -> &'static str {
        "Go"
    }

    fn generator(&self) -> &'static str {
        "openapi-generator 7.26.0"
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        let generated = folder.join("generated");
        // Without the second property, one new member of an answer would break the login.
        let properties = "packageName=prancerauth,disallowAdditionalPropertiesIfNotPresent=false,withGoMod=false";
        openapi_generator(bench, "go", &generated, properties)?;
        let source = folder.join("source");
        fs::create_dir(&source)?;
        for entry in fs::read_dir(generated)? {
            let file = entry?.path();
            if file.extension().is_some_and(|it| it == "go") {
                fs::copy(&file, source.join(file.file_name().unwrap_or_default()))?;
            }
        }
        pack(bench, folder, &source)
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "openapi_generator")
    }
}

/// The toolchain, which neither asks the network nor another version of itself. Modules go into a folder of their own.
fn go<'a>(bench: &Bench<'a>, proxy: &str, folder: &Path) -> Result<Cmd<'a>> {
    let go = bench.tools.python_program(bench.shell, "go")?;
    Ok(bench
        .shell
        .cmd(go)
        .env("GOPROXY", proxy)
        .env("GOTOOLCHAIN", "local")
        // The target folder may lie in a repository that git refuses to look at.
        .env("GOFLAGS", "-modcacherw -buildvcs=false")
        .env("GOSUMDB", "off")
        .env("GOCACHE", bench.root.join("target/interop/go-cache"))
        // It counts its use there.
        .env(
            "XDG_CONFIG_HOME",
            bench.root.join("target/interop/go-cache"),
        )
        .env("GOPATH", folder.join("modules")))
}

/// Vets the module and lays it out as a module proxy: `list`, `.info`, `.mod` and `.zip`.
fn pack(bench: &Bench<'_>, folder: &Path, source: &Path) -> Result<PathBuf> {
    let manifest = format!("module {MODULE}\n\ngo {GO}\n");
    fs::write(source.join("go.mod"), &manifest)?;
    {
        let _inside = bench.shell.push_dir(source);
        tools::quiet(go(bench, "off", folder)?.args(["vet", "./..."]))?;
    }
    let version = format!("v{}", bench.version);
    let proxy = folder.join("module-proxy");
    let versions = proxy.join(MODULE).join("@v");
    fs::create_dir_all(&versions)?;
    fs::write(versions.join("list"), format!("{version}\n"))?;
    let info = format!("{{\"Version\":\"{version}\",\"Time\":\"2021-01-01T00:00:00Z\"}}\n");
    fs::write(versions.join(format!("{version}.info")), info)?;
    fs::write(versions.join(format!("{version}.mod")), &manifest)?;
    let archive = versions.join(format!("{version}.zip"));
    let python = bench.tools.python_program(bench.shell, "python")?;
    let script = bench.programs("go/module_zip.py");
    let prefix = format!("{MODULE}@{version}");
    tools::quiet(cmd!(
        bench.shell,
        "{python} {script} {source} {prefix} {archive}"
    ))?;
    Ok(proxy)
}

/// A fresh module that gets the packed one, with the session program.
fn install(bench: &Bench<'_>, proxy: &Path, folder: &Path, program: &str) -> Result<Command> {
    let version = format!("v{}", bench.version);
    let url = format!("file://{}", proxy.display());
    let source = bench.programs("go").join(program).join("main.go");
    fs::copy(source, folder.join("main.go"))?;
    let _inside = bench.shell.push_dir(folder);
    let module = format!("{MODULE}@{version}");
    for arguments in [
        &["mod", "init", "program"][..],
        &["get", &module],
        &["vet", "."],
        &["build", "-o", "session", "."],
    ] {
        tools::quiet(go(bench, &url, folder)?.args(arguments))?;
    }
    Ok(Command::new(folder.join("session")))
}
