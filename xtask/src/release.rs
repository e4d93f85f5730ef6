//! `cargo xtask release`: versions, changelog, tag and archives are checked; then the crates are published and the tag is set.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package};
use xshell::{Shell, cmd};

use crate::report::Report;
use crate::tools;
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Check, and say what would be done.
    #[arg(long)]
    dry_run: bool,
}

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
        let said = tools::output(cmd!(shell, "bash xtask/tools/archives.sh {dirty...}"))?;
        Ok(said.trim().to_owned())
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

/// All crates have one version, and say what a registry shows of them.
fn versions(crates: &[&Package]) -> Result<String> {
    let version = &crates[0].version;
    for it in crates {
        let says = it.description.is_some() && it.license.is_some() && it.homepage.is_some();
        let found = !it.keywords.is_empty() && !it.categories.is_empty();
        ensure!(
            it.version == *version && says && found,
            "{} has another version than {version}, or no description, licence, homepage, keywords or categories",
            it.name
        );
    }
    Ok(format!("{version}, {} crates", crates.len()))
}

/// The changelog has a section of this version, or, while it is only tried, of what is not released.
fn changelog(workspace: &Workspace, first: &Package, dry_run: bool) -> Result<String> {
    let text = fs::read_to_string(workspace.join("CHANGELOG.md"))?;
    let version = first.version.to_string();
    if text.contains(&format!("\n## {version}\n")) {
        return Ok(format!("has {version}"));
    }
    ensure!(
        dry_run && text.contains("\n## Unreleased\n"),
        "CHANGELOG.md has no section `{version}`"
    );
    Ok(format!("`Unreleased` would have to become `{version}`"))
}
