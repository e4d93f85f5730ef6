//! `cargo xtask test`: what proves a change, a line a step; with `--all` everything that CI runs.

use std::path::Path;
use std::sync::mpsc;
use std::{env, fs, thread};

use anstyle::Style;
use anyhow::{Context as _, Result, bail};
use xshell::{Cmd, Shell};

use crate::report::Report;
use crate::skipped;
use crate::tools;
use crate::workspace::Workspace;

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Install what is missing, run everything, and skip nothing.
    #[arg(long)]
    all: bool,
    /// Run only the steps whose name starts with one of these.
    steps: Vec<String>,
}

/// A name, and the command; `xtask` is this program.
type Step = (&'static str, &'static str);

/// They need nothing but Rust and a C compiler, and compile for those after them.
const FIRST: [Step; 4] = [
    ("format", "cargo fmt --all --check"),
    ("generation", "xtask generate --check"),
    ("tidy", "xtask tidy"),
    (
        "clippy",
        "cargo clippy --locked --workspace --all-targets --quiet -- -D warnings",
    ),
];
/// A test that needs a program which is not there is skipped, and told.
const TESTS: Step = (
    "test",
    "cargo test --locked --workspace --lib --bins --examples --test it --no-fail-fast --quiet",
);
/// While the tests run, which wait more than they compute.
const MEANWHILE: [Step; 2] = [
    ("doctest", "cargo test --locked --workspace --doc --quiet"),
    (
        "automation",
        "cargo test --locked --workspace --test automation --no-fail-fast --quiet",
    ),
];
const THEN: Step = ("docs", "cargo doc --locked --workspace --no-deps --quiet");
/// Tests at a time: more than there are processors, for the same reason.
const TEST_THREADS: &str = "4";
const PEERS: Step = (
    "peers",
    "cargo check --locked --quiet --manifest-path tests/peers/Cargo.toml --target-dir target",
);
/// Only with `--all`, after the tests.
const MORE: [Step; 4] = [
    ("interface", "xtask interface --check"),
    ("benchmarks, an iteration", "xtask bench --once"),
    ("every feature", "bash xtask/tools/features.sh"),
    ("release", "xtask release --dry-run"),
];
/// Only with `--all`, for whatever is chosen: it is quick where everything is there.
const SETUP: Step = ("setup", "xtask setup");
/// Only with `--all`: the document and other languages, beside all that cargo compiles; last what the benchmarks stand on.
const BESIDE: [Step; 9] = [
    ("dependencies", "bash xtask/tools/deny.sh"),
    ("spelling", "target/tools/python/bin/typos"),
    ("document", "xtask lint"),
    ("changes", "xtask diff"),
    ("publication", "xtask publish --check"),
    ("other languages", "xtask interop --published"),
    ("contract", "xtask contract"),
    ("demo", "xtask demo"),
    (
        "peers",
        "cargo build --locked --quiet --manifest-path tests/peers/Cargo.toml --target-dir target",
    ),
];

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let chosen = Chosen::new(arguments)?;
    let report = &Report::default();
    let skipped = workspace.target().join("skipped-tests.txt");
    let _ = fs::remove_file(&skipped);
    let skipping = (!arguments.all).then_some(skipped.as_path());
    let run = &|(name, line): Step, how: How| {
        if chosen.has(name) {
            report.add(name, || how.run(workspace, skipping, name, line));
        }
    };
    let tests = || {
        thread::scope(|scope| {
            scope.spawn(|| {
                MEANWHILE
                    .into_iter()
                    .for_each(|step| run(step, How::Beside))
            });
            run(TESTS, How::Shown);
        });
    };
    if arguments.all {
        let (setup, is_set_up) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                let (name, line) = SETUP;
                report.add(name, || How::Beside.run(workspace, None, name, line));
                // Nobody waits for it where the rest was done before.
                let _ = setup.send(());
                BESIDE.into_iter().for_each(|step| run(step, How::Beside));
            });
            FIRST.into_iter().for_each(|step| run(step, How::Shown));
            // What is missing fails the tests that need it.
            let _ = is_set_up.recv();
            tests();
            let rest = [THEN].into_iter().chain(MORE);
            rest.for_each(|step| run(step, How::Shown));
        });
    } else {
        FIRST.into_iter().for_each(|step| run(step, How::Shown));
        tests();
        [THEN, PEERS]
            .into_iter()
            .for_each(|step| run(step, How::Shown));
    }
    let ended = report.end();
    print!("{}", skipped::told(&skipped)?);
    ended
}

/// The steps that are to run.
struct Chosen<'a>(&'a [String]);

impl<'a> Chosen<'a> {
    fn new(arguments: &'a Arguments) -> Result<Self> {
        let mut names: Vec<_> = FIRST.iter().chain(&MEANWHILE).collect();
        names.extend([&TESTS, &THEN]);
        if arguments.all {
            names.extend(MORE.iter().chain([&SETUP]).chain(&BESIDE));
        } else {
            names.push(&PEERS);
        }
        let none = |it: &&String| !names.iter().any(|(name, _)| name.starts_with(it.as_str()));
        if let Some(unknown) = arguments.steps.iter().find(none) {
            let names: Vec<_> = names.iter().map(|(name, _)| *name).collect();
            bail!("no step `{unknown}`; there are {}", names.join(", "));
        }
        Ok(Self(&arguments.steps))
    }

    fn has(&self, name: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|it| name.starts_with(it.as_str()))
    }
}

/// How a step is run.
#[derive(Clone, Copy)]
enum How {
    /// All that it says is shown.
    Shown,
    /// What it says is shown when it fails.
    Beside,
}

impl How {
    /// Runs a command from the root; its last line where it does not show it. Tests that cannot run here write that to the file `skipping`;
    /// without one, they fail.
    fn run(
        self,
        workspace: &Workspace,
        skipping: Option<&Path>,
        name: &str,
        line: &str,
    ) -> Result<String> {
        let shell = Shell::new()?;
        shell.change_dir(workspace.root());
        let command = command(&shell, line)?;
        let command = match skipping {
            Some(file) => command.env(skipped::VARIABLE, file),
            // What is compiled once needs no notes for the next time.
            None => command
                .env_remove(skipped::VARIABLE)
                .env("CARGO_INCREMENTAL", "0"),
        };
        if let How::Beside = self {
            let said = tools::output(command)?;
            return Ok(said.lines().last().unwrap_or_default().to_owned());
        }
        const BOLD: Style = Style::new().bold();
        anstream::println!("\n{BOLD}== {name}{BOLD:#}  {line}");
        command.quiet().run()?;
        Ok(String::new())
    }
}

fn command<'a>(shell: &'a Shell, line: &str) -> Result<Cmd<'a>> {
    let mut words = line.split(' ');
    let program = words.next().context("a command has a program")?;
    let command = match program {
        // Whose file cargo may have replaced meanwhile; Linux still has what runs.
        "xtask" if cfg!(target_os = "linux") => shell.cmd("/proc/self/exe"),
        "xtask" => shell.cmd(env::current_exe()?),
        program => shell.cmd(program),
    };
    let command = command.args(words).env("RUSTDOCFLAGS", "-D warnings");
    Ok(command.env("RUST_TEST_THREADS", TEST_THREADS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_chosen_by_the_beginnings_of_their_names() {
        let arguments = |all: bool, step: &str| Arguments {
            all,
            steps: vec![step.to_owned()],
        };
        let clippy = arguments(false, "clip");
        let chosen = Chosen::new(&clippy).unwrap();
        assert!(chosen.has("clippy") && !chosen.has("test"));
        assert!(Chosen::new(&arguments(false, "contract")).is_err());
        assert!(Chosen::new(&arguments(true, "contract")).is_ok());
        assert!(Chosen::new(&Arguments::default()).unwrap().has("docs"));
    }
}
