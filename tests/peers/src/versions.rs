//! The versions of the peers, from the lock file that they were built by.

const LOCK: &str = include_str!("../Cargo.lock");

/// The version of a package, which the lock file has once.
pub(crate) fn version(package: &str) -> &'static str {
    let name = format!("name = \"{package}\"");
    let mut lines = LOCK.lines().skip_while(|line| *line != name);
    lines
        .nth(1)
        .and_then(|line| line.strip_prefix("version = \""))
        .and_then(|line| line.strip_suffix('"'))
        .expect("a package of the lock file")
}
