//! The automation of this workspace: `cargo xtask <command>`.

mod bench;
mod demo;
mod dist;
mod document;
mod finding;
mod generate;
mod generator;
mod lint;
mod outputs;
mod plot;
mod simulate;
mod test;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about, version)]
struct Arguments {
    /// The workspace to work on [default: the one that this xtask belongs to].
    #[arg(long, global = true, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate the client and its mocks from openapi/prancer-auth.yaml.
    Generate(generate::Arguments),
    /// Run everything that CI runs.
    Test(test::Arguments),
    /// Check what no compiler checks: file headers, file lengths, dependency edges, the changelog.
    Tidy,
    /// Measure: a valid token here and in other libraries, a thousand callers, memory, throughput.
    Bench,
    /// Simulate a million sessions over a month of virtual time.
    Simulate,
    /// Make a Debian package of the command, in target/debian.
    Dist,
    /// Show a whole session against a portal in a box, through the real command.
    Demo,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let workspace = Workspace::new(arguments.root);
    let done = match arguments.command {
        Command::Generate(arguments) => generate::run(&workspace, &arguments),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Tidy => tidy::run(&workspace),
        Command::Bench => bench::run(&workspace),
        Command::Simulate => simulate::run(&workspace),
        Command::Dist => dist::run(&workspace),
        Command::Demo => demo::run(&workspace),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
