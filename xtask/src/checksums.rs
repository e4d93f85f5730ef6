//! `SHA256SUMS`, as `sha256sum --check` reads it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::files;

pub(crate) const NAME: &str = "SHA256SUMS";

/// The sums of all files below a folder but the sums themselves, ordered by their names.
pub(crate) fn of(folder: &Path) -> Result<String> {
    let mut sums = String::new();
    for file in files::below(folder)? {
        let name = file.strip_prefix(folder)?.to_string_lossy().into_owned();
        let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        if name != NAME {
            for byte in Sha256::digest(&content) {
                write!(sums, "{byte:02x}")?;
            }
            writeln!(sums, "  {name}")?;
        }
    }
    Ok(sums)
}

/// The names of the files of which only one has these sums.
pub(crate) fn differences(one: &str, other: &str) -> Vec<String> {
    let lines = |sums| str::lines(sums).collect::<BTreeSet<_>>();
    let differences = &lines(one) ^ &lines(other);
    let names = differences.iter().filter_map(|it| it.split_once("  "));
    let names: BTreeSet<_> = names.map(|(_, name)| name.to_owned()).collect();
    names.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_sha256sum() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b"), "abc").unwrap();
        fs::write(folder.path().join("a"), "").unwrap();
        fs::write(folder.path().join(NAME), "not these").unwrap();
        let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n\
            ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  b\n";
        assert_eq!(of(folder.path()).unwrap(), expected);
        let other = expected.replace("7816", "0000") + "c7  c\n";
        assert!(differences(expected, expected).is_empty());
        assert_eq!(differences(expected, &other), ["b", "c"]);
    }
}
