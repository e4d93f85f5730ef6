//! `cargo xtask release`: versions, changelog, tag and archives are checked; then the crates are published and the tag is set.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use xshell::{Shell, cmd};

use crate::files;
use crate::report::Report;
use crate::tools;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Check, and say what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// What lies in every archive.
const IN_ARCHIVES: [&str; 4] = ["Cargo.toml", "LICENSE-APACHE", "LICENSE-MIT", "README.md"];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let metadata = MetadataCommand::new()
        .current_dir(workspace.root())
        .no_deps()
        .exec()?;
    let crates = published(&metadata);
    let first = crates.first().context("no crate is published")?;
    let tag = format!("v{}", first.version);
    let chosen = crates.iter().flat_map(|it| ["--package", it.name.as_str()]);
    let chosen: &Vec<_> = &chosen.collect();
    // What is not committed is no release, but can be tried.
    let dirty: &[&str] = if arguments.dry_run {
        &["--allow-dirty"]
    } else {
        &[]
    };

    let report = Report::default();
    report.add("versions", || versions(&crates));
    report.add("changelog", || {
        changelog(workspace, first, arguments.dry_run)
    });
    report.add("tag", || {
        let there = cmd!(shell, "git tag --list {tag}").quiet().read()?;
        ensure!(there.is_empty(), "{tag} is there already");
        Ok(format!("{tag} is free"))
    });
    report.add("archives", || {
        tools::quiet(cmd!(
            shell,
            "cargo package --locked --quiet --no-verify {dirty...} {chosen...}"
        ))?;
        archives(workspace, &shell, &crates)
    });
    report.add("from the archives alone", || {
        alone(workspace, &shell, &crates)
    });
    report.end()?;

    let dry: &[&str] = if arguments.dry_run {
        &["--dry-run", "--no-verify"]
    } else {
        &[]
    };
    let publish = cmd!(
        shell,
        "cargo publish --locked {dry...} {dirty...} {chosen...}"
    );
    let set_tag = cmd!(shell, "git tag --annotate {tag} --message {tag}");
    if arguments.dry_run {
        tools::quiet(publish)?;
        println!(
            "would publish {}, set the tag {tag}, and ask for its push",
            names(&crates)
        );
        return Ok(());
    }
    publish.run()?;
    set_tag.run()?;
    println!("published; now: git push origin {tag}");
    Ok(())
}

/// The crates that are published.
fn published(metadata: &Metadata) -> Vec<&Package> {
    let mut packages = metadata.workspace_packages();
    packages.retain(|it| it.publish.is_none());
    packages
}

fn names(crates: &[&Package]) -> String {
    let names: Vec<_> = crates.iter().map(|it| it.name.as_str()).collect();
    names.join(", ")
}

/// All crates have one version, and what a registry shows of them.
fn versions(crates: &[&Package]) -> Result<String> {
    let version = &crates[0].version;
    for it in crates {
        let name = &it.name;
        ensure!(
            it.version == *version,
            "{name} is {}, not {version}",
            it.version
        );
        ensure!(
            it.description.is_some() && it.license.is_some(),
            "{name} says too little of itself"
        );
        ensure!(
            it.repository.is_some() && it.homepage.is_some(),
            "{name} does not say where it lives"
        );
        ensure!(
            !it.keywords.is_empty() && !it.categories.is_empty(),
            "{name} is not to be found"
        );
    }
    Ok(format!("{version}, {} crates", crates.len()))
}

/// The changelog has something to say: of this version, or, while it is only tried, of what is not released.
fn changelog(workspace: &Workspace, first: &Package, dry_run: bool) -> Result<String> {
    let text = fs::read_to_string(workspace.join("CHANGELOG.md"))?;
    let entries = |heading: &str| {
        let after = text.split_once(&format!("\n## {heading}\n"))?.1;
        let section = after.split("\n## ").next().unwrap_or_default();
        Some(
            section
                .lines()
                .filter(|line| line.starts_with("- "))
                .count(),
        )
    };
    let version = first.version.to_string();
    let of_version = entries(&version);
    let counted = of_version.or_else(|| dry_run.then(|| entries("Unreleased")).flatten());
    let counted = counted.filter(|it| *it > 0);
    let counted = counted.with_context(|| format!("CHANGELOG.md has no entry of {version}"))?;
    let rename = format!("; `Unreleased` would have to become `{version}`");
    Ok(format!(
        "{counted} entries{}",
        if of_version.is_some() { "" } else { &rename }
    ))
}

/// Unpacks the archives below `target/package`, and looks for what lies in all of them. Archives tell no time: what they hold is as new as
/// this, else cargo would take what it compiled of the last ones.
fn archives(workspace: &Workspace, shell: &Shell, crates: &[&Package]) -> Result<String> {
    let folder = files::fresh(workspace.target().join("package/alone"))?;
    for it in crates {
        let archive = format!("{}-{}", it.name, it.version);
        let file = workspace.target().join(format!("package/{archive}.crate"));
        tools::quiet(cmd!(
            shell,
            "tar --extract --touch --file {file} --directory {folder}"
        ))?;
        for name in IN_ARCHIVES {
            ensure!(
                folder.join(&archive).join(name).is_file(),
                "{archive} has no {name}"
            );
        }
    }
    Ok(format!("{} files", files::below(&folder)?.len()))
}

/// Builds and tests the unpacked archives, which know nothing of the workspace and find each other only.
fn alone(workspace: &Workspace, shell: &Shell, crates: &[&Package]) -> Result<String> {
    let folder = workspace.target().join("package/alone");
    let mut manifest =
        "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[patch.crates-io]\n".to_owned();
    for it in crates {
        manifest += &format!(
            "{} = {{ path = \"{}-{}\" }}\n",
            it.name, it.name, it.version
        );
    }
    reader(workspace, &folder, crates)?;
    neighbours(workspace, &folder)?;
    // The profile of the workspace, with which its dependencies were compiled.
    let ours = fs::read_to_string(workspace.join("Cargo.toml"))?;
    let profiles = ours.find("[profile.dev]").map_or("", |at| &ours[at..]);
    fs::write(folder.join("Cargo.toml"), manifest + profiles)?;
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
    // With the workspace's own, so that what others wrote is not compiled again.
    let target = workspace.target();
    let tests = test(shell, &folder, &target, &["--all-targets"])?;
    let doctests = test(shell, &folder, &target, &["--doc"])?;
    Ok(format!("{tests} tests, {doctests} doctests"))
}

/// Writes a crate of somebody else, beside the archives: it knows their READMEs and examples, and the dependencies that these name.
fn reader(workspace: &Workspace, folder: &Path, crates: &[&Package]) -> Result<()> {
    let reader = folder.join("reader");
    let examples = reader.join("examples");
    fs::create_dir_all(reader.join("src"))?;
    fs::create_dir_all(&examples)?;
    fs::write(
        reader.join("Cargo.toml"),
        include_str!("release/reader.toml"),
    )?;
    let mut readmes = vec![workspace.join("README.md")];
    for it in crates {
        let archive = folder.join(format!("{}-{}", it.name, it.version));
        for example in files::below(&archive)? {
            if example.parent().is_some_and(|it| it.ends_with("examples")) {
                let name = example.file_name().context("an example has a name")?;
                fs::copy(&example, examples.join(name))?;
            }
        }
        readmes.push(archive.join("README.md"));
    }
    let modules = readmes.iter().enumerate();
    let modules =
        modules.map(|(at, it)| format!("#[doc = include_str!({it:?})]\nmod readme_{at} {{}}\n"));
    fs::write(reader.join("src/lib.rs"), modules.collect::<String>())?;
    Ok(())
}

/// Writes crates that ask for what the automation and the stories ask for: with the same features, dependencies are not compiled again.
fn neighbours(workspace: &Workspace, folder: &Path) -> Result<()> {
    let metadata = MetadataCommand::new()
        .current_dir(workspace.root())
        .no_deps()
        .exec()?;
    let packages = metadata.workspace_packages();
    for private in packages.into_iter().filter(|it| it.publish.is_some()) {
        let name = format!("like-{}", private.name);
        let folder = folder.join(&name);
        let mut manifest =
            format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n");
        let asked = private.dependencies.iter();
        for it in asked.filter(|it| it.path.is_none()) {
            let table = match it.kind {
                DependencyKind::Development => "dev-dependencies",
                DependencyKind::Build => "build-dependencies",
                _ => "dependencies",
            };
            manifest += &format!(
                "[{table}.{}]\nversion = \"{}\"\ndefault-features = {}\nfeatures = {:?}\n",
                it.name, it.req, it.uses_default_features, it.features
            );
        }
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), manifest)?;
        fs::write(folder.join("src/lib.rs"), "")?;
        fs::write(folder.join("build.rs"), "fn main() {}\n")?;
    }
    Ok(())
}

/// Runs tests, and says how many passed.
fn test(shell: &Shell, folder: &Path, target: &Path, kind: &[&str]) -> Result<usize> {
    let _inside = shell.push_dir(folder);
    let said = tools::output(cmd!(
        shell,
        "cargo test --workspace --target-dir {target} {kind...}"
    ))?;
    let passed = said.lines().filter_map(|line| {
        let counted = line.strip_prefix("test result: ok. ")?.split(' ').next()?;
        counted.parse::<usize>().ok()
    });
    Ok(passed.sum())
}
