//! curl: no generator, a script that follows the document.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use xshell::cmd;

use super::client::{Bench, Client};
use crate::tools;

pub(super) struct Curl;

impl Client for Curl {
    fn language(&self) -> &'static str {
        "curl"
    }

    fn generator(&self) -> &'static str {
        "by hand"
    }

    fn pack(&self, bench: &Bench<'_>, _: &Path) -> Result<PathBuf> {
        tools::need(&["bash", "curl", "jq"], "bash curl jq")?;
        let script = bench.programs("curl/session.sh");
        tools::quiet(cmd!(bench.shell, "bash -n {script}"))?;
        Ok(script)
    }

    fn install(&self, _: &Bench<'_>, package: &Path, _: &Path) -> Result<Command> {
        let mut command = Command::new("bash");
        command.arg(package);
        Ok(command)
    }
}
