//! What others wrote: under a licence that goes with ours, from crates.io, and for the Rust that we ask for.

use cargo_metadata::semver::Version;
use cargo_metadata::{Metadata, Package};

/// The licences that ask for no more than a notice.
const FREE: [&str; 13] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Zlib",
];
/// Licences of single crates that ask for more, as the README tells.
const TOLD: [(&str, &str); 3] = [
    // Its files stay under that licence; what uses them need not be.
    ("progenitor-client", "MPL-2.0"),
    // The generator, which is in no user's tree.
    ("progenitor", "MPL-2.0"),
    ("progenitor-impl", "MPL-2.0"),
];

pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let ours = metadata.workspace_packages();
    let rust = ours.iter().find_map(|it| it.rust_version.clone());
    let others = metadata.packages.iter();
    let others = others.filter(|it| !metadata.workspace_members.contains(&it.id));
    others
        .flat_map(|it| of_package(it, rust.as_ref()))
        .collect()
}

fn of_package(package: &Package, rust: Option<&Version>) -> Vec<String> {
    let Package { name, version, .. } = package;
    let licence = package.license.as_deref().unwrap_or("none");
    let mut findings = Vec::new();
    if !is_free(licence) && !TOLD.contains(&(name.as_str(), licence)) {
        findings.push(format!(
            "{name} {version} is under {licence}; take another crate"
        ));
    }
    if !package
        .source
        .as_ref()
        .is_some_and(cargo_metadata::Source::is_crates_io)
    {
        findings.push(format!("{name} {version} does not come from crates.io"));
    }
    if let (Some(asks), Some(rust)) = (&package.rust_version, rust)
        && asks > rust
    {
        findings.push(format!(
            "{name} {version} asks for Rust {asks}, we for {rust}"
        ));
    }
    findings
}

/// Whether a licence expression can be met by free licences alone.
fn is_free(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    let alternatives = expression.trim_matches(['(', ')']).split(" OR ");
    alternatives.into_iter().any(|all| {
        all.split(" AND ")
            .all(|one| FREE.contains(&one.trim_matches(['(', ')', ' '])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_licence_that_asks_for_more_is_found() {
        for free in [
            "MIT",
            "MIT OR GPL-3.0",
            "MIT/Apache-2.0",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
        ] {
            assert!(is_free(free), "{free}");
        }
        for other in ["EPL-2.0", "MIT AND GPL-3.0", "MPL-2.0", "none", ""] {
            assert!(!is_free(other), "{other}");
        }
    }
}
