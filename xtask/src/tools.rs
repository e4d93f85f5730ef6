//! The tools of other languages, installed below the target folder as their lock files in `xtask/tools` say.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::{env, thread};

use anyhow::{Context as _, Result, anyhow, bail};
use xshell::{Cmd, Shell, cmd};

use crate::workspace::Workspace;

/// `cargo xtask setup`: the packages of the system, then the tools below the target folder, where they are missing.
pub(crate) fn setup(workspace: &Workspace) -> Result<()> {
    let shell = Shell::new()?;
    let script = workspace.join("xtask/tools/debian.sh");
    cmd!(shell, "bash {script}").quiet().run()?;
    Tools::new(workspace).all()?;
    println!("everything is there");
    Ok(())
}

/// What is installed where.
pub(crate) struct Tools {
    /// The lock files.
    locks: PathBuf,
    folder: PathBuf,
}

impl Tools {
    pub(crate) fn new(workspace: &Workspace) -> Self {
        Self {
            locks: workspace.join("xtask/tools"),
            folder: workspace.target().join("tools"),
        }
    }

    /// Installs all of them, side by side.
    pub(crate) fn all(&self) -> Result<()> {
        let installs: [fn(&Self) -> Result<()>; 3] = [
            |it| it.npm(&Shell::new()?, "node").map(drop),
            |it| it.npm(&Shell::new()?, "redocly").map(drop),
            |it| it.python(&Shell::new()?).map(drop),
        ];
        let run = |install: fn(&Self) -> Result<()>| install(self);
        thread::scope(|scope| {
            let started = installs.map(|install| scope.spawn(move || run(install)));
            let done =
                started.map(|it| it.join().map_err(|_| anyhow!("an installation panicked"))?);
            done.into_iter().collect()
        })
    }

    fn npm(&self, shell: &Shell, set: &str) -> Result<PathBuf> {
        need(&["node", "npm"], "nodejs npm")?;
        let locks = ["package.json", "package-lock.json"];
        self.install(set, &locks, |folder| {
            let _inside = shell.push_dir(folder);
            quiet(cmd!(
                shell,
                "npm ci --no-audit --no-fund --no-update-notifier --loglevel=error --fetch-retries=1 --fetch-timeout=60000"
            ))
        })
    }

    /// The virtual environment with the PyPI packages, which are installed first where they are not.
    fn python(&self, shell: &Shell) -> Result<PathBuf> {
        need(&["python3"], "python3 python3-venv")?;
        self.install("python", &["requirements.txt"], |folder| {
            quiet(cmd!(shell, "python3 -m venv {folder}"))?;
            let pip = folder.join("bin/pip");
            let requirements = folder.join("requirements.txt");
            quiet(cmd!(
                shell,
                "{pip} install --quiet --disable-pip-version-check --retries 1 --timeout 60 --require-hashes --no-deps -r {requirements}"
            ))
        })
    }

    /// Redocly.
    pub(crate) fn redocly<'a>(&self, shell: &'a Shell) -> Result<Cmd<'a>> {
        let redocly = self
            .npm(shell, "redocly")?
            .join("node_modules/.bin/redocly");
        Ok(private(cmd!(shell, "{redocly}")))
    }

    /// A script of `openapi`, which stands on Redocly.
    pub(crate) fn script<'a>(&self, shell: &'a Shell, name: &str) -> Result<Cmd<'a>> {
        self.npm(shell, "redocly")?;
        let script = self.locks.join(format!("../../openapi/{name}.mjs"));
        Ok(private(cmd!(shell, "node {script}")))
    }

    /// Whether all that a verdict asks is installed, in whatever version.
    pub(crate) fn can_compare(&self) -> bool {
        let sets = ["redocly", "node", "python"].map(|it| self.folder.join(it).join(".installed"));
        sets.iter().all(|it| it.exists()) && is_there("java")
    }

    /// The folder of a set of tools, freshly installed unless it holds what the lock files of the set say.
    fn install(
        &self,
        set: &str,
        locks: &[&str],
        install: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let folder = self.folder.join(set);
        let done = folder.join(".installed");
        // One at a time, of all processes.
        fs::create_dir_all(&self.folder)?;
        let lock = File::create(self.folder.join(format!("{set}.lock")))?;
        lock.lock()?;
        let wanted: String = locks
            .iter()
            .map(|lock| {
                let path = self.locks.join(set).join(lock);
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
            })
            .collect::<Result<_>>()?;
        if fs::read_to_string(&done).is_ok_and(|there| there == wanted) {
            return Ok(folder);
        }
        anstream::eprintln!(
            "installing the tools of xtask/tools/{set} from the network, which takes a minute"
        );
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        for lock in locks {
            fs::copy(self.locks.join(set).join(lock), folder.join(lock))?;
        }
        install(&folder)
            .with_context(|| format!("cannot install xtask/tools/{set}; it needs the network"))?;
        fs::write(done, wanted)?;
        Ok(folder)
    }
}

/// Fails with the command that installs it when one of the base programs is not on this machine.
pub(crate) fn need(programs: &[&str], packages: &str) -> Result<()> {
    match programs.iter().find(|it| !is_there(it)) {
        Some(program) => {
            bail!("there is no `{program}` here; install it with: apt-get install {packages}")
        }
        None => Ok(()),
    }
}

/// Whether a program is on this machine.
pub(crate) fn is_there(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Redocly neither tells its maker about its use nor looks for a later version.
fn private(command: Cmd<'_>) -> Cmd<'_> {
    command
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
}

/// Runs a command that has nothing to say unless it fails; then all that it said is in the error.
pub(crate) fn quiet(command: Cmd<'_>) -> Result<()> {
    output(command).map(drop)
}

/// What a command prints on standard output; an error holds all that it said.
pub(crate) fn output(command: Cmd<'_>) -> Result<String> {
    let line = command.to_string();
    let done = command.quiet().ignore_status().output()?;
    let stdout = String::from_utf8_lossy(&done.stdout).into_owned();
    if !done.status.success() {
        let stderr = String::from_utf8_lossy(&done.stderr);
        bail!("{line}\nfailed ({}):\n{stdout}{stderr}", done.status);
    }
    Ok(stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_the_command_that_installs_it() {
        assert!(need(&["sh"], "dash").is_ok());
        let error = need(&["sh", "no-such-program"], "a-package").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no `no-such-program` here; install it with: apt-get install a-package"
        );
    }

    #[test]
    fn tools_are_installed_once_and_again_when_a_lock_file_changes_or_the_last_try_failed() {
        let root = tempfile::tempdir().unwrap();
        let tools = Tools {
            locks: root.path().join("locks"),
            folder: root.path().join("tools"),
        };
        fs::create_dir_all(tools.locks.join("some")).unwrap();
        let mut installs = 0;
        let mut install = |lock: &str, good: bool| {
            fs::write(tools.locks.join("some/lock"), lock).unwrap();
            let done = tools.install("some", &["lock"], |_| {
                installs += 1;
                if good { Ok(()) } else { bail!("no network") }
            });
            assert_eq!(done.is_ok(), good);
            installs
        };
        assert_eq!(install("1", true), 1);
        assert_eq!(install("1", true), 1);
        assert_eq!(install("2", false), 2);
        assert_eq!(install("2", true), 3);
    }
}
