//! `prancer-auth refresh`

use clap::Args;
use prancer_auth::Error;

use crate::ahead;
use crate::command::status;
use crate::failure::Failure;
use crate::output;
use crate::session::{self, OpenSession};
use crate::settings::Settings;
use crate::spinner;

#[derive(Args)]
#[command(after_help = "Example:\n  prancer-auth refresh\n\n\
    A renewed token is valid for 24 hours, the token of a login for 7 days.")]
pub(crate) struct Refresh {
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
    /// Only where the renewal is due; another command has begun this one
    #[arg(long, hide = true)]
    ahead: bool,
}

pub(crate) async fn run(settings: &Settings, arguments: &Refresh) -> Result<(), Failure> {
    let open = OpenSession::open(settings).await?;
    if arguments.ahead && !ahead::is_due(&open) {
        return Ok(());
    }
    let session = &open.session;
    let call = async {
        let renewed = session.refresh().await;
        session::settled(session).await?;
        renewed
    };
    match spinner::wait("Renewing the access token", settings.quiet, call).await {
        Err(Error::TryLater { source, retry_in }) if arguments.ahead => {
            ahead::failed(settings, Some(retry_in));
            return Err(Error::TryLater { source, retry_in }.into());
        }
        renewed => renewed?,
    };
    open.saved()?;
    ahead::done(settings);
    settings.say(&format!(
        "Renewed the access token at {}.",
        session.portal()
    ));
    if arguments.json {
        return output::json(&status::report(settings, &open)?);
    }
    Ok(())
}
