//! The automation of this workspace: `cargo xtask <command>`.

mod bench;
mod checksums;
mod chosen;
mod constructors;
mod diff;
mod document;
mod files;
mod finding;
mod generate;
mod generator;
mod interface;
mod lint;
#[cfg(test)]
#[path = "../../tests/it/needs.rs"]
mod needs;
mod outputs;
mod proofs;
mod publish;
mod published;
mod release;
mod report;
#[cfg(test)]
mod seed;
mod skipped;
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
    /// The workspace to work on [default: the one around the current folder].
    #[arg(long, global = true, value_name = "DIRECTORY")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate all that is made of openapi/prancer-auth.yaml, and tell what its change means.
    Generate(generate::Arguments),
    /// Check the document, with the rules of this project and those of Redocly.
    Lint,
    /// Tell what changed since the last published version of the document, and which version comes next.
    Diff,
    /// Publish the document: its editions, the reference page, packages of generated clients.
    Publish(publish::Arguments),
    /// Prove the document in other languages: generate, compile, pack, install, run a session.
    Interop(proofs::Arguments),
    /// Hold emulator, client and command to the document, with tools of others.
    Contract(proofs::Arguments),
    /// Prove a change with Rust and a C compiler alone; with --all, run everything that CI runs.
    Test(test::Arguments),
    /// Install what `test --all` needs and is missing.
    Setup,
    /// Check what no compiler checks: versions of dependencies, published versions.
    Tidy,
    /// Measure, and write the figures of the documentation.
    Bench(bench::Arguments),
    /// List what users can name of the libraries, in public-api.txt beside each.
    Interface(interface::Arguments),
    /// Check what is to be released, then publish the crates and set the tag.
    Release(release::Arguments),
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
        Command::Interop(arguments) => proofs::interop(&workspace, &arguments),
        Command::Contract(arguments) => proofs::contract(&workspace, &arguments),
        Command::Test(arguments) => test::run(&workspace, &arguments),
        Command::Setup => tools::setup(&workspace),
        Command::Tidy => tidy::run(&workspace),
        Command::Bench(arguments) => bench::run(&workspace, &arguments),
        Command::Interface(arguments) => interface::run(&workspace, &arguments),
        Command::Release(arguments) => release::run(&workspace, &arguments),
        Command::Dist => workspace.dist(),
        Command::Demo => workspace.demo(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
