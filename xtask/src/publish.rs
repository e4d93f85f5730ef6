//! `cargo xtask publish`: the document's editions, the reference page, and packages of generated clients.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::TempDir;
use xshell::{Shell, cmd};

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

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Fail unless all of it comes out the same twice.
    #[arg(long)]
    check: bool,
    /// Leave the packages of generated clients out, which need the tools of all languages.
    #[arg(long)]
    no_packages: bool,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    editions(workspace, &lint::document(workspace)?, false)?;
    make(workspace, arguments)
}

/// Makes the reference page and the packages; a check makes them twice.
fn make(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let tools = Tools::new(workspace);
    let folder = workspace.target().join("publish");
    fs::create_dir_all(&folder)?;
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
        if !arguments.no_packages {
            packages(workspace, &tools, folder)?;
        }
        checksums::of(folder)
    };
    let sums = make(&folder)?;
    if arguments.check {
        let again = TempDir::new()?;
        let differences = checksums::differences(&sums, &make(again.path())?);
        ensure!(
            differences.is_empty(),
            "made a second time, these are others: {}",
            differences.join(", ")
        );
    }
    fs::write(folder.join(checksums::NAME), sums)?;
    println!("{} files in target/publish", files::below(&folder)?.len());
    Ok(())
}

/// Makes all that is not committed.
pub(crate) fn all(workspace: &Workspace) -> Result<()> {
    make(workspace, &Arguments::default())
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

/// The committed editions are what the document makes; a release makes those that git does not have.
pub(crate) fn editions(workspace: &Workspace, document: &Document, release: bool) -> Result<()> {
    let version = diff::version(document)?;
    let (shell, made) = (Shell::new()?, tempfile::tempdir()?);
    let publisher = Tools::new(workspace).script(&shell, "publish")?;
    tools::quiet(publisher.arg("editions").arg(made.path()))?;
    let folder = published::folder(workspace, &version);
    let shown = format!("{PUBLISHED}/{version}");
    let sums = checksums::of(made.path())?;
    let mut problem = "is missing".to_owned();
    if folder.exists() {
        let differences = checksums::differences(&checksums::of(&folder)?, &sums).join(", ");
        if differences.is_empty() {
            println!("{shown} is what the document makes");
            return Ok(());
        }
        ensure!(
            !published::is_committed(workspace, &version),
            "{shown} is published and never changes, but the document makes another {differences}; raise the versions with: \
            cargo xtask generate --release"
        );
        problem = format!("has another {differences} than the document makes");
    }
    ensure!(
        release,
        "{shown} {problem}; make it with: cargo xtask generate --release"
    );
    let folder = files::fresh(folder)?;
    for file in files::below(made.path())? {
        fs::copy(&file, folder.join(file.file_name().unwrap_or_default()))?;
    }
    fs::write(folder.join(checksums::NAME), sums)?;
    println!("wrote {shown}");
    Ok(())
}
