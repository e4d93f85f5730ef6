//! Dependencies, as far as `deny.toml` cannot say it: the generator and its runtime are one release, and none asks for a newer Rust.

use cargo_metadata::Metadata;
use cargo_metadata::semver::Version;

pub(super) fn check(metadata: &Metadata) -> Vec<String> {
    let ours = metadata.workspace_packages();
    let mut findings = Vec::new();
    let rust = ours.iter().find_map(|it| it.rust_version.as_ref());
    for it in &metadata.packages {
        let asks = of_rust(it.rust_version.as_ref(), rust);
        findings.extend(asks.map(|asks| format!("{} {} {asks}", it.name, it.version)));
    }
    findings.extend(of_generator(
        &versions(metadata, "progenitor"),
        &versions(metadata, "progenitor-client"),
    ));
    findings
}

fn of_rust(asks: Option<&Version>, rust: Option<&Version>) -> Option<String> {
    let (asks, rust) = (asks?, rust?);
    (asks > rust).then(|| format!("asks for Rust {asks}, we for {rust}"))
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

    #[test]
    fn a_generator_and_a_runtime_of_two_releases_are_found() {
        let one = ["0.15.1".to_owned()];
        let other = ["0.15.2".to_owned()];
        assert_eq!(of_generator(&one, &one), None);
        assert!(of_generator(&one, &other).is_some());
        assert!(of_generator(&[], &[]).is_some());
    }

    #[test]
    fn a_dependency_that_asks_for_a_newer_rust_is_found() {
        let [old, new] = [Version::new(1, 89, 0), Version::new(1, 90, 0)];
        assert_eq!(of_rust(Some(&old), Some(&old)), None);
        assert_eq!(of_rust(None, Some(&old)), None);
        assert!(of_rust(Some(&new), Some(&old)).is_some());
    }
}
