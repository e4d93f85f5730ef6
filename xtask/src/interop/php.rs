//! PHP: by two generators, as folders that a program loads.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use xshell::cmd;

use super::client::{Bench, Client, openapi_generator, redocly};
use crate::files;
use crate::tools;

/// Debian's HTTP client for PHP, which the second client needs.
const GUZZLE: &str = "/usr/share/php/GuzzleHttp/autoload.php";

pub(super) struct Redocly;
pub(super) struct OpenapiGenerator;

impl Client for Redocly {
    fn language(&self) -> &'static str {
        "PHP"
    }

    fn generator(&self) -> &'static str {
        "redocly 2.77.0"
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        redocly(bench, "php", &folder.join("client.php"), &[])?;
        check(bench, folder)?;
        Ok(folder.to_owned())
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        install(bench, package, folder, "redocly.php")
    }
}

impl Client for OpenapiGenerator {
    fn language(&self) -> &'static str {
        "PHP"
    }

    fn generator(&self) -> &'static str {
        "openapi-generator 7.26.0"
    }

    fn pack(&self, bench: &Bench<'_>, folder: &Path) -> Result<PathBuf> {
        openapi_generator(bench, "php", folder, r"invokerPackage=Prancer\Auth")?;
        check(bench, &folder.join("lib"))?;
        Ok(folder.to_owned())
    }

    fn install(&self, bench: &Bench<'_>, package: &Path, folder: &Path) -> Result<Command> {
        ensure!(
            Path::new(GUZZLE).exists(),
            "there is no {GUZZLE}; install it with: apt-get install php-guzzlehttp-guzzle"
        );
        install(bench, package, folder, "openapi_generator.php")
    }
}

/// Whether PHP takes every file of a folder, and has nothing to say of it.
fn check(bench: &Bench<'_>, folder: &Path) -> Result<()> {
    tools::need(&["php"], "php-cli php-curl php-mbstring")?;
    for file in files::below(folder)? {
        // It ends well whatever it warns of.
        let said = tools::output(cmd!(
            bench.shell,
            "php -d error_reporting=-1 -d display_errors=1 -d log_errors=0 -l {file}"
        ))?;
        ensure!(said.starts_with("No syntax errors"), "{said}");
    }
    Ok(())
}

fn install(bench: &Bench<'_>, package: &Path, folder: &Path, program: &str) -> Result<Command> {
    let client = folder.join("client");
    files::copy(package, &client)?;
    let programs = bench.programs("php");
    check(bench, &programs)?;
    let mut command = Command::new("php");
    command.arg(programs.join(program)).arg(client);
    Ok(command)
}
