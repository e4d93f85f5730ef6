//! `cargo xtask test`: everything that CI runs, a line a step.

use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use anyhow::{Result, bail};
use xshell::{Cmd, Shell, cmd};

use crate::workspace::Workspace;

#[derive(clap::Args, Default)]
pub(crate) struct Arguments {
    /// Run only the steps whose name starts with one of these.
    steps: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let shell = Shell::new()?;
    shell.change_dir(workspace.root());
    let steps: Vec<_> = steps(&shell)
        .into_iter()
        .filter(|(name, _)| {
            let chosen = arguments
                .steps
                .iter()
                .any(|it| name.starts_with(it.as_str()));
            chosen || arguments.steps.is_empty()
        })
        .collect();
    if steps.is_empty() {
        bail!("no step is named {}", arguments.steps.join(", "));
    }

    let mut summary = Vec::new();
    let mut failed = false;
    for (name, command) in steps {
        anstream::println!("\n{BOLD}== {name}{BOLD:#}  {command}");
        let start = Instant::now();
        let done = command.quiet().run();
        failed |= done.is_err();
        summary.push((name, done.is_ok(), start.elapsed()));
        if name == "build" && done.is_err() {
            anstream::println!("what does not build cannot be tested");
            break;
        }
    }
    anstream::println!();
    for (name, good, time) in summary {
        show(name, good, time);
    }
    if failed {
        bail!("some steps failed");
    }
    Ok(())
}

const BOLD: Style = Style::new().bold();

fn show(name: &str, good: bool, time: Duration) {
    let (word, color) = if good {
        ("ok", AnsiColor::Green)
    } else {
        ("FAILED", AnsiColor::Red)
    };
    let style = color.on_default();
    anstream::println!(
        "{style}{word:>7}{style:#}  {:>6.1} s  {name}",
        time.as_secs_f64()
    );
}

/// The steps, the quick ones first.
fn steps(shell: &Shell) -> Vec<(&'static str, Cmd<'_>)> {
    vec![
        ("format", cmd!(shell, "cargo fmt --all --check")),
        ("generation", cmd!(shell, "cargo xtask generate --check")),
        ("document", cmd!(shell, "cargo xtask lint")),
        ("changes", cmd!(shell, "cargo xtask diff")),
        ("tidy", cmd!(shell, "cargo xtask tidy")),
        (
            "clippy",
            cmd!(
                shell,
                "cargo clippy --locked --workspace --all-targets --quiet -- -D warnings"
            ),
        ),
        (
            "session without TLS",
            cmd!(
                shell,
                "cargo clippy --locked --package prancer-auth --no-default-features --quiet -- -D warnings"
            ),
        ),
        (
            "command with native-tls",
            cmd!(
                shell,
                "cargo clippy --locked --package prancer-auth-cli --no-default-features --features native-tls --quiet -- -D warnings"
            ),
        ),
        (
            "client with native-tls",
            cmd!(
                shell,
                "cargo test --locked --package prancer-auth-client --no-default-features --features native-tls --lib --quiet"
            ),
        ),
        (
            "emulator as a library",
            cmd!(
                shell,
                "cargo clippy --locked --package prancer-auth-emulator --no-default-features --lib --quiet -- -D warnings"
            ),
        ),
        (
            "build",
            cmd!(
                shell,
                "cargo build --locked --workspace --all-targets --quiet"
            ),
        ),
        (
            "test",
            cmd!(
                shell,
                "cargo test --locked --workspace --lib --bins --tests --examples --quiet"
            ),
        ),
        (
            "doctest",
            cmd!(shell, "cargo test --locked --workspace --doc --quiet"),
        ),
        (
            "docs",
            cmd!(shell, "cargo doc --locked --workspace --no-deps --quiet")
                .env("RUSTDOCFLAGS", "-D warnings"),
        ),
        ("demo", cmd!(shell, "cargo xtask demo")),
        ("publication", cmd!(shell, "cargo xtask publish --check")),
        ("other languages", cmd!(shell, "cargo xtask interop")),
        ("contract", cmd!(shell, "cargo xtask contract")),
    ]
}
