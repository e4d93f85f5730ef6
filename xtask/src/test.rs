//! `cargo xtask test`: what proves a change, a line a step; with `--all` everything that CI runs.

use std::path::Path;
use std::sync::mpsc;
use std::{env, fs, thread};

use anstyle::Style;
use anyhow::{Context as _, Result};
use xshell::{Cmd, Shell};

use crate::chosen::chosen;
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

/// What is run, in this order.
struct Plan {
    /// Beside all the rest, for it needs little of what cargo compiles; the tests wait for its first step alone.
    beside: &'static [Step],
    tests: Step,
    /// While the tests run, which wait more than they compute.
    meanwhile: &'static [Step],
}

impl Plan {
    fn names(&self) -> Vec<&'static str> {
        let steps = [self.beside, &FIRST, &[self.tests], self.meanwhile];
        steps.concat().iter().map(|(name, _)| *name).collect()
    }
}

/// They compile for those after them.
const FIRST: [Step; 4] = [
    ("format", "cargo fmt --all --check"),
    ("generation", "xtask generate --check"),
    ("tidy", "xtask tidy"),
    (
        "clippy",
        "cargo clippy --locked --workspace --all-targets --quiet -- -D warnings",
    ),
];
const AUTOMATION: Step = (
    "automation",
    "cargo test --locked --workspace --test automation --no-fail-fast --quiet",
);
/// Tests at a time: more than there are processors, for they wait.
const TEST_THREADS: &str = "8";

/// Needs nothing but Rust and a C compiler: a test that needs a program which is not there is skipped, and told.
const SOME: Plan = Plan {
    beside: &[],
    tests: (
        "test",
        "cargo test --locked --workspace --lib --bins --test it --no-fail-fast --quiet",
    ),
    meanwhile: &[
        ("doctest", "cargo test --locked --workspace --doc --quiet"),
        AUTOMATION,
        ("docs", "cargo doc --locked --workspace --no-deps --quiet"),
        (
            "peers",
            "cargo check --locked --quiet --manifest-path tests/peers/Cargo.toml --target-dir target",
        ),
    ],
};
/// What CI runs. The crates' own tests and doctests are those of the release, which runs them in the archives.
const ALL: Plan = Plan {
    beside: &[
        ("setup", "xtask setup"),
        ("dependencies", "bash xtask/tools/deny.sh"),
        ("spelling", "target/tools/python/bin/typos"),
        ("document", "xtask lint"),
        ("changes", "xtask diff"),
        ("publication", "xtask publish --check"),
        ("other languages", "xtask interop --published"),
        ("contract", "xtask contract"),
        ("demo", "xtask demo"),
        // Of the binary that the demo ran.
        ("dist", "bash xtask/tools/dist.sh target/debug/prancer-auth"),
        (
            "peers",
            "cargo build --locked --quiet --manifest-path tests/peers/Cargo.toml --target-dir target",
        ),
    ],
    tests: (
        "test",
        "cargo test --locked --workspace --bin xtask --test it --no-fail-fast --quiet",
    ),
    meanwhile: &[
        AUTOMATION,
        (
            "docs",
            "env RUSTDOC=xtask/tools/rustdoc-json.sh RUSTDOCFLAGS=-Dwarnings cargo doc --locked --workspace --no-deps --quiet",
        ),
        ("interface", "xtask interface --check"),
        ("benchmarks, an iteration", "xtask bench --once"),
        (
            // All of the workspace is chosen, so that what others wrote has the features that it was compiled with before.
            "native TLS",
            "cargo test --locked --quiet --workspace --no-default-features --test it --features \
            tests/native-tls,prancer-auth-cli/native-tls,prancer-auth-cli/emulator,prancer-auth-emulator/command,prancer-auth-emulator/docs \
            tls::",
        ),
        ("release", "xtask release --dry-run"),
    ],
};

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let plan = if arguments.all { ALL } else { SOME };
    let chosen = chosen(&plan.names(), &arguments.steps)?;
    let report = &Report::default();
    let skipped = workspace.target().join("skipped-tests.txt");
    let _ = fs::remove_file(&skipped);
    let skipping = (!arguments.all).then_some(skipped.as_path());
    let run = &|&(name, line): &Step, how: How| {
        // It is quick where everything is there.
        if name == "setup" || chosen.contains(&name) {
            report.add(name, || how.run(workspace, skipping, name, line));
        }
    };
    let (setup, is_set_up) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            for step in plan.beside {
                run(step, How::Beside);
                // Nobody waits for it where the rest was done before.
                let _ = setup.send(());
            }
        });
        FIRST.iter().for_each(|step| run(step, How::Shown));
        // What is missing fails the tests that need it.
        let _ = is_set_up.recv();
        let meanwhile = plan.meanwhile.iter();
        scope.spawn(|| meanwhile.for_each(|step| run(step, How::Beside)));
        run(&plan.tests, How::Shown);
    });
    let ended = report.end();
    print!("{}", skipped::told(&skipped)?);
    ended
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
    let mut words = line.split_whitespace();
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
