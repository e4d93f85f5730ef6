//! `cargo xtask publish`: the document's editions, the reference page, and packages of generated clients.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use cargo_metadata::semver::Version;
use tempfile::TempDir;
use xshell::{Cmd, Shell, cmd};

use crate::checksums;
use crate::diff;
use crate::document::Document;
use crate::files;
use crate::lint;
use crate::proofs;
use crate::published;
use crate::report::Report;
use crate::tools::{self, Tools};
use crate::workspace::{DOCUMENT, PUBLISHED, Workspace};

/// Written by hand, and published as they are.
const SESSIONS: [&str; 2] = ["session.arazzo.yaml", "session.http"];

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Fail unless the committed editions are what the document makes, and all the rest comes out the same twice.
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    made: Made,
}

/// What is made.
#[derive(clap::Args)]
pub(crate) struct Made {
    /// Leave the packages of generated clients out, which need the tools of all languages.
    #[arg(long)]
    pub(crate) no_packages: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    make(workspace, &arguments.made, arguments.check)
}

/// Makes all of it; a check makes it twice, and the committed editions not at all.
pub(crate) fn make(workspace: &Workspace, made: &Made, check: bool) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let tools = Tools::new(workspace);
    let document = lint::document(workspace)?;
    let new = editions(
        workspace,
        tools.script(&shell, "publish")?,
        &document,
        check,
    )?;
    let folder = workspace.target().join("publish");
    // A module proxy goes on giving what it gave.
    let (before, proxy) = (TempDir::new_in(workspace.target())?, folder.join("go"));
    let had = proxy.exists();
    if had {
        fs::rename(&proxy, before.path().join("go"))?;
    }
    let folder = files::fresh(folder)?;
    let make = |folder: &Path| {
        if had {
            let proxy = before.path().join("go");
            cmd!(shell, "cp -R {proxy} {folder}").quiet().run()?;
        }
        for name in SESSIONS {
            fs::copy(workspace.join("openapi").join(name), folder.join(name))?;
        }
        fs::copy(workspace.join(DOCUMENT), folder.join(published::NAME))?;
        let said = tools::output(tools.script(&shell, "publish")?.arg("page").arg(folder))?;
        print!("{said}");
        if !made.no_packages {
            packages(workspace, &tools, folder)?;
        }
        Ok::<_, anyhow::Error>(())
    };
    make(&folder)?;
    if check {
        let again = TempDir::new()?;
        make(again.path())?;
        let differences = differences(&folder, again.path())?;
        ensure!(
            differences.is_empty(),
            "made a second time, these are others: {}",
            differences.join(", ")
        );
    }
    // Last, for it never changes again once it is committed.
    if let Some((version, made)) = new {
        keep(workspace, &version, &made)?;
    }
    fs::write(folder.join(checksums::NAME), checksums::of(&folder)?)?;
    println!("{} files in target/publish", files::below(&folder)?.len());
    Ok(())
}

/// The packages of generated clients, side by side, each by the script of its language.
fn packages(workspace: &Workspace, tools: &Tools, folder: &Path) -> Result<()> {
    tools.all()?;
    let report = Report::default();
    let named = proofs::PUBLISHED.map(|it| (format!("package {}", it.0), it));
    report.add_all(named, |(name, language)| {
        let script = workspace.join(&format!("tests/interop/{name}.sh"));
        let (shell, folder) = (Shell::new()?, folder.join(language));
        tools::output(cmd!(shell, "bash {script} pack {folder}"))
    });
    report.end()
}

/// What the editions lack, as far as it is seen without making them.
pub(crate) fn stale(workspace: &Workspace, document: &Document) -> Result<Option<String>> {
    let version = diff::version(document)?;
    let shown = format!("{PUBLISHED}/{version}");
    let file = published::folder(workspace, &version).join(published::NAME);
    let Ok(text) = fs::read_to_string(file) else {
        return Ok(Some(format!("{shown} is missing")));
    };
    let same = Document::parse(&text).is_ok_and(|it| it.value() == document.value());
    Ok((!same).then(|| format!("{shown} is of another document")))
}

/// The editions of a new version; those of an existing one must be what they are.
fn editions(
    workspace: &Workspace,
    publisher: Cmd<'_>,
    document: &Document,
    check: bool,
) -> Result<Option<(Version, TempDir)>> {
    let version = diff::version(document)?;
    let target = workspace.target();
    fs::create_dir_all(&target)?;
    let made = TempDir::new_in(target)?;
    tools::quiet(publisher.arg("editions").arg(made.path()))?;
    fs::write(
        made.path().join(checksums::NAME),
        checksums::of(made.path())?,
    )?;
    let folder = published::folder(workspace, &version);
    let shown = format!("{PUBLISHED}/{version}");
    let committed = published::is_committed(workspace, &version);
    if folder.exists() {
        let differences = differences(&folder, made.path())?;
        if differences.is_empty() {
            println!("{shown} is what the document makes");
            return Ok(None);
        }
        let differences = differences.join(", ");
        ensure!(
            !committed,
            "{shown} is published and never changes, but the document makes another {differences}; raise the versions with: \
            cargo xtask generate --release"
        );
        ensure!(
            !check,
            "{shown} has another {differences} than the document makes; make it again with: cargo xtask generate --release"
        );
    }
    ensure!(
        !check,
        "{shown} is missing; make it with: cargo xtask generate --release"
    );
    diff::check(workspace, document)?;
    Ok(Some((version, made)))
}

/// Puts the editions of a new version in their place, all of them or none.
fn keep(workspace: &Workspace, version: &Version, made: &TempDir) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(made.path(), fs::Permissions::from_mode(0o755))?;
    }
    // What git does not have is made again.
    let folder = files::fresh(published::folder(workspace, version))?;
    fs::rename(made.path(), folder)?;
    println!("wrote {PUBLISHED}/{version}");
    Ok(())
}

/// The names of the files that are not the same in both folders.
fn differences(committed: &Path, made: &Path) -> Result<Vec<String>> {
    let sums = [checksums::of(committed)?, checksums::of(made)?];
    let only = |one: &str, other: &str| {
        let lines = one
            .lines()
            .filter(|line| !other.lines().any(|it| it == *line));
        let names = lines.filter_map(|line| line.split_once("  "));
        names.map(|(_, name)| name.to_owned()).collect::<Vec<_>>()
    };
    let mut names = [only(&sums[0], &sums[1]), only(&sums[1], &sums[0])].concat();
    names.sort();
    names.dedup();
    Ok(names)
}
