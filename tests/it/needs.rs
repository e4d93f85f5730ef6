//! What a test needs besides Rust and a C compiler, and what becomes of it where that is missing.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Names the file that tests which cannot run here are written to. Without it they fail, so none is skipped by accident.
const SKIPPED: &str = "PRANCER_SKIPPED_TESTS";

/// The tools that only `cargo xtask test --all` installs.
#[allow(
    dead_code,
    reason = "not every package that has this file has such tests"
)]
pub(crate) const ALL: &str = "cargo xtask test --all";
/// A network or a file system of one's own, without being root.
#[allow(
    dead_code,
    reason = "not every package that has this file has such tests"
)]
pub(crate) const NAMESPACES: &str = "user namespaces";

/// Ends a test at once where one of these programs is not on this machine.
macro_rules! needs {
    ($($program:expr),+) => {
        if crate::needs::skips(&[$($program),+], std::any::type_name_of_val(&|| ())) {
            return;
        }
    };
}
pub(crate) use needs;

/// Whether something is missing, which is written down with the place of the test.
pub(crate) fn skips(programs: &[&str], place: &str) -> bool {
    let missing: Vec<_> = programs
        .iter()
        .copied()
        .filter(|it| !is_there(it))
        .collect();
    if missing.is_empty() {
        return false;
    }
    let (test, missing) = (place.replace("::{{closure}}", ""), missing.join(", "));
    let Some(file) = std::env::var_os(SKIPPED) else {
        panic!("{test} needs what is not here: {missing}; skip it with: cargo xtask test");
    };
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .unwrap();
    // In one piece, since others write too.
    file.write_all(format!("{missing}\t{test}\n").as_bytes())
        .unwrap();
    true
}

pub(crate) fn is_there(program: &str) -> bool {
    match program {
        ALL => std::env::var_os(SKIPPED).is_none(),
        NAMESPACES => {
            let mut unshare = Command::new("unshare");
            let done = unshare
                .args(["--map-root-user", "--net", "--mount"])
                .args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"])
                .output();
            done.is_ok_and(|it| it.status.success())
        }
        program => {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
        }
    }
}
