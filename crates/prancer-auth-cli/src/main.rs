//! The `prancer-auth` command.

mod ahead;
mod arguments;
mod colour;
mod command;
mod config;
#[cfg(unix)]
mod core_dump;
mod current;
mod exit;
mod failure;
#[cfg(test)]
mod fuzz;
mod gateway;
mod interrupt;
mod keyring;
mod options;
mod output;
mod plain_text;
mod profile_name;
mod profiles;
mod prompt;
mod session;
mod settings;
mod source;
mod spinner;
mod store;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;
use failure::Failure;
use options::Options;
use settings::Settings;

fn main() -> ExitCode {
    let Arguments { options, command } = Arguments::parse();
    prepare(&options);
    match run(&options, command) {
        Ok(()) => exit::Exit::Done.into(),
        Err(failure) => {
            let failure = failure.of_profile(options.profile.as_deref());
            output::say(&failure);
            failure.exit.into()
        }
    }
}

/// No secret gets into a core file, and what is logged is shown where that is wanted.
fn prepare(options: &Options) {
    #[cfg(unix)]
    core_dump::off();
    if options.debug || options.verbose {
        use tracing_subscriber::filter::{LevelFilter, Targets};
        use tracing_subscriber::layer::SubscriberExt as _;
        use tracing_subscriber::util::SubscriberInitExt as _;

        let level = [LevelFilter::INFO, LevelFilter::DEBUG][usize::from(options.debug)];
        // Of what lies below, its requests would only be said again.
        let wanted = Targets::new().with_target("prancer_auth", level);
        let lines = tracing_subscriber::fmt::layer()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .without_time()
            .log_internal_errors(false);
        let registry = tracing_subscriber::registry().with(lines).with(wanted);
        // There is none before.
        let _ = registry.try_init();
    }
}

fn run(options: &Options, command: Command) -> Result<(), Failure> {
    match &command {
        Command::Completions { shell } => return command::completions::run(*shell),
        Command::Man { folder } => return command::man::run(folder),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| Failure::new("cannot start", &error))?;
    #[cfg(feature = "emulator")]
    if let Command::Emulator(arguments) = command {
        let run = prancer_auth_emulator::command::run(arguments);
        let run = runtime.block_on(run);
        return run.map_err(|error| Failure::new("cannot run the emulator", &error));
    }
    // The gateway ends with its command.
    if !matches!(command, Command::Proxy(_)) {
        interrupt::watch().map_err(|error| Failure::new("cannot start", &error))?;
    }
    let settings = Settings::new(options)?;
    // A login may begin a profile.
    if !matches!(command, Command::Login(_) | Command::Profile(_)) {
        settings.check_profile()?;
    }
    runtime.block_on(async {
        match command {
            Command::Login(arguments) => command::login::run(settings, arguments).await,
            Command::Token(arguments) => command::token::run(&settings, &arguments).await,
            Command::Status(arguments) => {
                command::status::run(options, &settings, &arguments).await
            }
            Command::Refresh(arguments) => command::refresh::run(&settings, &arguments).await,
            Command::Logout(arguments) => {
                command::logout::run(options, &settings, &arguments).await
            }
            Command::Api(arguments) => command::api::run(&settings, arguments).await,
            Command::Run(arguments) => command::run::run(&settings, arguments).await,
            Command::Proxy(arguments) => command::proxy::run(&settings, arguments).await,
            Command::Profile(arguments) => {
                command::profile::run(options, &settings, arguments).await
            }
            _ => Ok(()),
        }
    })
}
