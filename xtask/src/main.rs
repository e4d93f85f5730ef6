//! The automation of this workspace: `cargo xtask <command>`.

mod bench;
mod checksums;
mod contract;
mod demo;
mod diff;
mod dist;
mod document;
mod emulator;
mod files;
mod finding;
mod generate;
mod generator;
mod interop;
mod lint;
mod outputs;
mod plot;
mod publish;
mod published;
mod report;
#[cfg(test)]
mod seed;
mod simulate;
mod test;
mod tidy;
mod tools;
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
    /// Check the document, with the rules of this project and those of Redocly.
    Lint,
    /// Tell what changed since the last published version of the document, and which version comes next.
    Diff,
    /// Publish the document: its editions, the reference page, packages of generated clients.
    Publish(publish::Arguments),
    /// Prove the document in other languages: generate, compile, pack, install, run a session.
    Interop(interop::Arguments),
    /// Hold emulator, client and command to the document, with tools of others.
    Contract(contract::Arguments),
    /// Run everything that CI runs.
    Test(test::Arguments),
    /// Check what no compiler checks: file headers, file lengths, dependency edges, the changelog.
    Tidy,
    /// Measure: a valid token here and in other libraries, a thousand callers, memory, stores, the command.
    Bench(bench::Arguments),
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
        Command::Lint => lint::run(&workspace),
        Command::Diff => diff::run(&workspace),
        Command::Publish(arguments) => publish::run(&workspace, &arguments),
        Command::Interop(arguments) => interop::run(&workspace, &arguments),
        Command::Contract(arguments) => contract::run(&workspace, &arguments),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Tidy => tidy::run(&workspace),
        Command::Bench(arguments) => bench::run(&workspace, &arguments),
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
