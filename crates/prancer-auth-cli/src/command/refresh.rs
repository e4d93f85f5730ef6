//! `prancer-auth refresh`

use crate::arguments::Json;
use crate::command::status;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::output;
use crate::settings::Settings;
use crate::spinner;

pub(crate) async fn run(settings: &Settings, arguments: &Json) -> Result<(), Failure> {
    let keeper = Keeper::open(settings).await?;
    let session = &keeper.session;
    let call = async {
        session.refresh().await?;
        session.settled().await
    };
    spinner::wait("Renewing the access token", settings.quiet, call).await?;
    settings.say(&format!(
        "Renewed the access token at {}.",
        session.portal()
    ));
    if arguments.json {
        return output::json(&status::report(settings, &keeper)?);
    }
    Ok(())
}
