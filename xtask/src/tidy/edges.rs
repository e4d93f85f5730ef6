//! Dependencies: which crate may know which, and that the generator and its runtime are one release.

use cargo_metadata::{DependencyKind, Metadata};

/// Every crate of the workspace, and the crates of the workspace that it may know.
const ALLOWED: [(&str, &[&str]); 7] = [
    ("prancer-auth", &["prancer-auth-client"]),
    // The emulator, so that one binary is enough to try everything.
    (
        "prancer-auth-cli",
        &["prancer-auth", "prancer-auth-emulator"],
    ),
    ("prancer-auth-client", &[]),
    ("prancer-auth-emulator", &["prancer-auth-client"]),
    ("prancer-auth-httpmock", &["prancer-auth-client"]),
    (
        "tests",
        &[
            "prancer-auth",
            "prancer-auth-client",
            "prancer-auth-emulator",
            "prancer-auth-httpmock",
        ],
    ),
    ("xtask", &[]),
];
/// Doctests show a session against the emulator.
const ALLOWED_IN_TESTS: [(&str, &str); 1] = [("prancer-auth", "prancer-auth-emulator")];

struct Edge {
    from: String,
    to: String,
    in_tests: bool,
}

pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let members: Vec<_> = metadata.workspace_packages();
    let names: Vec<_> = members.iter().map(|it| it.name.to_string()).collect();

    let mut findings = Vec::new();
    for member in &members {
        let folder = member.manifest_path.parent().and_then(|it| it.file_name());
        if folder != Some(member.name.as_str()) {
            findings.push(format!("{}: lies in a folder of another name", member.name));
        }
        for dependency in &member.dependencies {
            if names.contains(&dependency.name) {
                let edge = Edge {
                    from: member.name.to_string(),
                    to: dependency.name.clone(),
                    in_tests: dependency.kind == DependencyKind::Development,
                };
                findings.extend(of_edge(&edge));
            }
        }
    }
    findings.extend(of_generator(
        &versions(metadata, "progenitor"),
        &versions(metadata, "progenitor-client"),
    ));
    findings
}

fn of_edge(edge: &Edge) -> Option<String> {
    let Edge { from, to, in_tests } = edge;
    let known = ALLOWED.iter().find(|(name, _)| name == from);
    let allowed = known.is_some_and(|(_, allowed)| allowed.contains(&to.as_str()));
    let allowed_in_tests = *in_tests && ALLOWED_IN_TESTS.contains(&(from, to));
    (!allowed && !allowed_in_tests).then(|| {
        format!("{from} must not depend on {to}; data goes one way (xtask/src/tidy/edges.rs)")
    })
}

fn versions(metadata: &Metadata, package: &str) -> Vec<String> {
    let packages = metadata.packages.iter();
    let named = packages.filter(|it| it.name.as_str() == package);
    named.map(|it| it.version.to_string()).collect()
}

fn of_generator(generator: &[String], runtime: &[String]) -> Option<String> {
    (generator.len() != 1 || generator != runtime).then(|| {
        format!(
            "progenitor is {generator:?} and progenitor-client is {runtime:?}; pin both to one version in Cargo.toml"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, in_tests: bool) -> Option<String> {
        let (from, to) = (from.to_owned(), to.to_owned());
        of_edge(&Edge { from, to, in_tests })
    }

    #[test]
    fn an_edge_against_the_flow_is_found() {
        assert_eq!(edge("prancer-auth-cli", "prancer-auth", false), None);
        for (from, to) in [
            ("prancer-auth-client", "prancer-auth"),
            ("prancer-auth-emulator", "prancer-auth"),
            ("xtask", "prancer-auth-client"),
            ("stranger", "prancer-auth"),
        ] {
            for in_tests in [false, true] {
                assert!(edge(from, to, in_tests).is_some(), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn the_session_knows_the_emulator_in_its_tests_only() {
        assert_eq!(edge("prancer-auth", "prancer-auth-emulator", true), None);
        assert!(edge("prancer-auth", "prancer-auth-emulator", false).is_some());
    }

    #[test]
    fn a_generator_and_a_runtime_of_two_releases_are_found() {
        let one = ["0.15.1".to_owned()];
        let other = ["0.15.2".to_owned()];
        assert_eq!(of_generator(&one, &one), None);
        assert!(of_generator(&one, &other).is_some());
        assert!(of_generator(&[], &[]).is_some());
    }
}
