//! What can be typed.

use clap::{Parser, Subcommand};

use crate::command::api::Api;
use crate::command::login::Login;
use crate::command::profile::Profile;
use crate::command::run::Run;
use crate::command::token::Token;
use crate::options::Options;

/// Log in to the Prancer portal once, and always have a valid token.
#[derive(Parser)]
#[command(name = "prancer-auth", version, arg_required_else_help = true)]
#[command(
    after_help = "The password is read from a prompt, --password-stdin or PRANCER_PASSWORD, never from an argument.\n\
    Flags override environment variables, which override the profile, which overrides the defaults.\n\
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

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Log in and save the session on this machine
    Login(Login),
    /// Print a valid access token, renewed first if necessary
    Token(Token),
    /// Show the current session; contacts the portal only with --verify
    Status(crate::command::status::Status),
    /// Renew the access token now
    Refresh(crate::command::refresh::Refresh),
    /// End the session, here and at the portal
    Logout(crate::command::logout::Logout),
    /// Call an API of the portal and print the response
    Api(Api),
    /// Run a command with a valid token in PRANCER_TOKEN
    Run(Run),
    /// Run a command with a local gateway to the portal that renews tokens for it
    Proxy(crate::command::proxy::Proxy),
    /// List, select and remove profiles
    #[command(subcommand)]
    Profile(Profile),
    /// Run a local test portal
    #[cfg(feature = "emulator")]
    Emulator(prancer_auth_emulator::command::Arguments),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a folder
    #[command(hide = true)]
    Man {
        /// The folder
        folder: std::path::PathBuf,
    },
}
