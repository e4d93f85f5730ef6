//! `prancer-auth login`

use std::io::{IsTerminal as _, stdin};

use clap::Args;
use clap::builder::NonEmptyStringValueParser as Text;
use prancer_auth::store::StoredSession;
use prancer_auth::{Credentials, Identity, Password, Portal, Session};

use crate::command::status;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::prompt;
use crate::session::{self, OpenSession};
use crate::settings::Settings;
use crate::source::{Setting, Source};
use crate::spinner;
use crate::store::{self, Store};

#[derive(Args)]
#[command(after_help = "Examples:\n  \
    prancer-auth login --company ABC --email user@example.com\n  \
    printf '%s\\n' \"$PASSWORD\" | prancer-auth login --tenant customer1 --customer-id customer1 --email ci@example.com --password-stdin")]
pub(crate) struct Login {
    /// Email address, or PRANCER_EMAIL [default: that of the session at this portal]
    #[arg(long, value_parser = Text::new())]
    email: Option<String>,
    /// Customer id, such as customer1 or prancer-customer1, or PRANCER_CUSTOMER_ID [default: that of the session]
    #[arg(long, value_name = "ID", value_parser = Text::new())]
    customer_id: Option<String>,
    /// Company, or PRANCER_COMPANY; sets both tenant and customer id: ABC means prancer-abc
    #[arg(long, value_name = "NAME", conflicts_with = "customer_id", value_parser = Text::new())]
    company: Option<String>,
    /// Read the password from the first line of standard input
    #[arg(long)]
    password_stdin: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(mut settings: Settings, arguments: Login) -> Result<(), Failure> {
    let flag = |value: Option<String>| value.map(|value| Setting::new(value, Source::Flag));
    if let Some(company) = flag(arguments.company) {
        let tenant = settings.tenant.as_ref();
        if tenant.is_some_and(|it| it.source == Source::Flag) {
            let problem = "--company gives the tenant; leave out --tenant";
            return Err(Failure::plain(Exit::Usage, problem));
        }
        settings.set_company(Some(company));
    }
    settings.email = flag(arguments.email).or(settings.email);
    settings.customer_id = flag(arguments.customer_id).or(settings.customer_id);
    if store::is_named(&settings, |it| it == "memory") {
        let problem = "a session in memory would end with this command";
        let next = "add --store file, or --store keyring";
        return Err(Failure::plain(Exit::Usage, problem).next(next));
    }
    if store::is_in_redis(&settings) {
        who(&mut settings)?;
    }
    let store = store::for_login(&settings).await?;
    let before = replaced(&settings, &store).await?;
    settings.check_portal(before.as_ref())?;
    let (portal, _) = settings.portal_of(before.as_ref())?;
    if let Some(before) = &before {
        as_before(&mut settings, &portal, &before.identity);
    }
    if stdin().is_terminal() {
        let email = settings.email.as_ref();
        let who = email.map_or_else(String::new, |it| format!(" as {}", it.value));
        settings.say(&format!("Logging in to {portal}{who}"));
    }
    who(&mut settings)?;
    // Before the password is asked for, and the portal.
    store::try_writing(&store).await?;
    let (email, customer) = (settings.email.clone(), settings.customer());
    let email = email.map(|it| it.value).unwrap_or_default();
    let password = password(&settings, arguments.password_stdin)?;
    let credentials = Credentials::new(&email, password, customer.unwrap_or_default());

    let session = session::begin(store, portal, credentials)?;
    let call = async {
        session.login().await?;
        session::settled(&session).await
    };
    spinner::wait("Logging in", settings.quiet, call).await?;
    saved(&session).await?;
    end_another(&session, before).await;
    settings.say(&format!("Logged in to {} as {email}.", session.portal()));
    let place = session.status().store.unwrap_or_default();
    settings.say(&format!("Session saved to {place}."));
    if arguments.json {
        let open = OpenSession::open(&settings).await?;
        return output::json(&status::report(&settings, &open)?);
    }
    Ok(())
}

/// What is not said of the user is as it was in the session before, at the same portal.
fn as_before(settings: &mut Settings, portal: &Portal, before: &Identity) {
    if before.portal != portal.url().as_str() {
        return;
    }
    let of_session = |value: &String| Setting::new(value, Source::Session);
    if settings.email.is_none() {
        settings.email = before.email.as_ref().map(of_session);
    }
    let email = settings.email.as_ref().map(|it| &it.value);
    if settings.customer().is_none() && email == before.email.as_ref() {
        settings.customer_id = before.customer_id.as_ref().map(of_session);
    }
}

/// Asks for what is missing of the email address and the customer id.
fn who(settings: &mut Settings) -> Result<(), Failure> {
    if settings.email.is_none() {
        let email = prompt::text("Email", "--email or PRANCER_EMAIL")?;
        settings.email = Some(Setting::new(email, Source::Flag));
    }
    if settings.customer().is_none() {
        let option = "--customer-id, --company or PRANCER_CUSTOMER_ID";
        let customer_id = prompt::text("Customer id", option)?;
        settings.customer_id = Some(Setting::new(customer_id, Source::Flag));
    }
    Ok(())
}

fn password(settings: &Settings, from_stdin: bool) -> Result<Password, Failure> {
    match &settings.password {
        _ if from_stdin => prompt::password_from_stdin(),
        Some(password) => Ok(password.clone()),
        None => prompt::password(),
    }
}

/// The session that the new one replaces. One that is damaged is removed.
async fn replaced(settings: &Settings, store: &Store) -> Result<Option<StoredSession>, Failure> {
    match store.load().await {
        Err(error) if session::is_damaged(&error) => {
            let place = store.location();
            settings.say(&format!(
                "The session in {place} is damaged and is replaced."
            ));
            store.remove().await?;
            Ok(None)
        }
        loaded => Ok(loaded?),
    }
}

/// Tokens that could not be saved are ended at the portal again.
async fn saved(session: &Session) -> Result<(), Failure> {
    let Some(error) = session.status().store_failure else {
        return Ok(());
    };
    let ended = match session.stored() {
        Some(stored) => session::end(stored).await,
        None => Ok(()),
    };
    Err(match ended {
        Ok(()) => Failure::unsaved(&error, "were ended at the portal again"),
        Err(why) => {
            let why = Failure::from(why).message();
            let tokens = format!(
                "could not be ended at the portal, so they stay valid until they expire: {why}"
            );
            Failure::unsaved(&error, &tokens)
        }
    })
}

/// The session of the same user was ended when it was replaced; that of another is, too.
async fn end_another(session: &Session, before: Option<StoredSession>) {
    let now = session.stored().map(|it| it.identity);
    if let Some(before) =
        before.filter(|it| it.tokens.is_some() && Some(&it.identity) != now.as_ref())
        && let Err(error) = session::end(before).await
    {
        output::say(format_args!(
            "warning: the previous session was not ended at the portal: {}",
            Failure::from(error).message()
        ));
    }
}
