//! What can be typed.

use std::time::Duration;

use clap::builder::NonEmptyStringValueParser as Text;
use clap::{Args, Parser, Subcommand};

use crate::command::api::Api;
use crate::command::login::Login;
use crate::command::profile::Profile;
use crate::command::run::Run;
use crate::command::token::Token;

/// Log in to the Prancer portal once, and have a valid token from then on.
#[derive(Parser)]
#[command(name = "prancer-auth", version, arg_required_else_help = true)]
#[command(
    after_help = "The password is asked for, or comes from --password-stdin or PRANCER_PASSWORD; never from an argument.\n\
    Flags override environment variables, those the profile, that the defaults.\n\
    Exit codes: 0 done, 1 failed, 2 usage, 4 login needed or rejected, 5 portal unreachable, 130 interrupted (143 by SIGTERM, 129 by SIGHUP).\n\n\
    Examples:\n  \
    prancer-auth login --company ABC --email user@example.com\n  \
    prancer-auth api user/get/ --data\n  \
    prancer-auth run -- ./report.sh"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) options: Options,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "For every command")]
pub(crate) struct Options {
    /// The profile, or PRANCER_PROFILE [default: what `profile use` says, else default]
    #[arg(long, global = true, value_name = "NAME", value_parser = Text::new())]
    pub(crate) profile: Option<String>,
    /// The portal's URL, without a tenant and without /api/, or PRANCER_PORTAL [default: that of the session, else the public one]
    #[arg(long, global = true, value_name = "URL", value_parser = Text::new())]
    pub(crate) portal: Option<String>,
    /// The segment of the path before /api/, such as customer1, or PRANCER_TENANT
    #[arg(long, global = true, value_name = "NAME", value_parser = Text::new())]
    pub(crate) tenant: Option<String>,
    /// Where the session is stored: keyring, file, memory or redis://..., or PRANCER_STORE [default: the keyring where there is one, else a file]
    #[arg(long, global = true, value_name = "STORE", value_parser = Text::new())]
    pub(crate) store: Option<String>,
    /// Say more: what is used and why, what is renewed
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show requests and answers on standard error, without bodies and without secrets
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Log in and save the session for this user of the machine
    Login(Login),
    /// Print a valid access token, renewed first if need be
    Token(Token),
    /// Show who is logged in where, and for how long; nothing is sent without --verify
    Status(crate::command::status::Status),
    /// Renew the access token now
    Refresh(crate::command::refresh::Refresh),
    /// End the session, here and at the portal
    Logout(crate::command::logout::Logout),
    /// Call an API of the portal and print its answer
    Api(Api),
    /// Run a command with a valid token in PRANCER_TOKEN
    Run(Run),
    /// Run a command with a gateway to the portal, which renews tokens for it
    Proxy(crate::command::proxy::Proxy),
    /// List, choose and remove profiles
    #[command(subcommand)]
    Profile(Profile),
    /// Run a portal in a box on this machine, to try everything
    #[cfg(feature = "emulator")]
    Emulator(prancer_auth_emulator::command::Arguments),
    /// Print the completions of a shell
    Completions {
        /// Which one
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man {
        /// Which one
        folder: std::path::PathBuf,
    },
}

pub(crate) fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}
