//! What a person sees: the emulator's interactive page and the published reference, in a real browser.

use anyhow::{Context as _, Result, ensure};
use xshell::{Cmd, cmd};

use super::Setting;
use crate::emulator::{CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::publish;
use crate::tools;

/// A person logs in, calls and logs out on `/docs`, at `/` and at a tenant.
pub(super) fn docs(setting: &Setting<'_>) -> Result<String> {
    let mut passed = 0;
    for arguments in [&[][..], &["--tenant", "prancer-customer1"]] {
        let emulator = Emulator::start(setting.binaries, arguments)?;
        let test = cmd!(
            setting.shell,
            "node --test --test-reporter=tap tests/browser/docs.test.mjs"
        )
        .env("PRANCER_PORTAL", &emulator.url)
        .env("PRANCER_EMAIL", EMAIL)
        .env("PRANCER_PASSWORD", PASSWORD)
        .env("PRANCER_CUSTOMER_ID", CUSTOMER_ID);
        passed += run(setting, test)?;
    }
    Ok(format!("{passed} tests"))
}

/// Somebody opens the reference page where there is no network.
pub(super) fn reference(setting: &Setting<'_>) -> Result<String> {
    tools::need(&["unshare"], "util-linux")?;
    let work = tempfile::tempdir()?;
    let page = publish::page(setting.workspace, setting.shell, setting.tools, work.path())?;
    let test = cmd!(
        setting.shell,
        "unshare --map-root-user --net node --test --test-reporter=tap tests/browser/reference.test.mjs"
    )
    .env("PRANCER_REFERENCE", page)
    .env("PRANCER_SAMPLES", publish::sample_labels());
    Ok(format!("{} tests", run(setting, test)?))
}

/// Runs tests, and says how many passed.
fn run(setting: &Setting<'_>, test: Cmd<'_>) -> Result<u64> {
    tools::need(&["chromium"], "chromium")?;
    let modules = setting.tools.node(setting.shell)?.join("node_modules");
    let said = tools::output(test.env("NODE_PATH", modules))?;
    let passed = said.lines().find_map(|line| line.strip_prefix("# pass "));
    let passed = passed.and_then(|count| count.parse().ok());
    let passed = passed.with_context(|| format!("node counted nothing:\n{said}"))?;
    ensure!(passed > 1, "only {passed} test passed:\n{said}");
    Ok(passed)
}
