//! What every command takes.

use std::time::Duration;

use clap::Args;
use clap::builder::NonEmptyStringValueParser as Text;

use crate::exit::Exit;
use crate::failure::Failure;

/// What every command takes.
#[derive(Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Options {
    /// Profile to use, or PRANCER_PROFILE [default: the one set by `profile use`, else `default`]
    #[arg(long, global = true, value_name = "NAME", value_parser = Text::new())]
    pub(crate) profile: Option<String>,
    /// URL of the portal, without tenant or /api/, or PRANCER_PORTAL [default: that of the session, else the public portal]
    #[arg(long, global = true, value_name = "URL", value_parser = Text::new())]
    pub(crate) portal: Option<String>,
    /// Tenant, the path segment before /api/, such as customer1, or PRANCER_TENANT
    #[arg(long, global = true, value_name = "NAME", value_parser = Text::new())]
    pub(crate) tenant: Option<String>,
    /// Where the session is stored: keyring, file, memory or redis://..., or PRANCER_STORE [default: the keyring if there is one, else a file]
    #[arg(long, global = true, value_name = "STORE", value_parser = Text::new())]
    pub(crate) store: Option<String>,
    /// Show which settings are used and why, and what is renewed
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log requests and responses to standard error, without bodies or secrets
    #[arg(long, global = true)]
    pub(crate) debug: bool,
}

impl Options {
    /// With `--all`, every profile has its own: fails where one is given for all of them.
    pub(crate) fn check_all(&self) -> Result<(), Failure> {
        let given = [
            ("--portal", &self.portal),
            ("--tenant", &self.tenant),
            ("--store", &self.store),
        ];
        match given.iter().find(|(_, value)| value.is_some()) {
            Some((flag, _)) => {
                let problem = format!("--all uses the settings of each profile; leave out {flag}");
                Err(Failure::plain(Exit::Usage, problem))
            }
            None => Ok(()),
        }
    }
}

pub(crate) fn duration(text: &str) -> Result<Duration, humantime::DurationError> {
    humantime::parse_duration(text)
}
