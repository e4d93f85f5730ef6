//! `prancer-auth login`

use std::env;

use clap::Args;
use prancer_auth::{Credentials, Portal};

use crate::command::status;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keeper::{self, Keeper};
use crate::output;
use crate::place;
use crate::prompt;
use crate::settings::Settings;
use crate::source::{Setting, Source};
use crate::spinner;

#[derive(Args)]
pub(crate) struct Login {
    /// The email address, or PRANCER_EMAIL
    #[arg(long)]
    email: Option<String>,
    /// The customer id, such as customer1 or prancer-customer1, or PRANCER_CUSTOMER_ID
    #[arg(long, value_name = "ID")]
    customer_id: Option<String>,
    /// The company, which gives both tenant and customer id: ABC has prancer-abc
    #[arg(long, value_name = "NAME", conflicts_with = "customer_id")]
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
        if settings
            .tenant
            .as_ref()
            .is_some_and(|it| it.source == Source::Flag)
        {
            let problem = "--company gives the tenant; leave out --tenant";
            return Err(Failure::plain(Exit::Usage, problem));
        }
        (settings.company, settings.tenant, settings.customer_id) = (Some(company), None, None);
    }
    settings.email = flag(arguments.email).or(settings.email);
    settings.customer_id = flag(arguments.customer_id).or(settings.customer_id);

    let portal = match settings.portal()? {
        Some(portal) => portal,
        None => Portal::new(Portal::PUBLIC)?,
    };
    let email = match &settings.email {
        Some(email) => email.value.clone(),
        None => prompt::text("Email", "--email or PRANCER_EMAIL")?,
    };
    settings.email = Some(Setting::new(&email, Source::Flag));
    let company = settings.company.as_ref().map(|it| it.value.as_str());
    let customer_id = match (&settings.customer_id, company) {
        (Some(customer_id), _) => Some(customer_id.value.clone()),
        (None, Some(_)) => None,
        (None, None) => Some(prompt::text(
            "Customer id",
            "--customer-id, --company or PRANCER_CUSTOMER_ID",
        )?),
    };
    settings.customer_id = customer_id
        .as_ref()
        .map(|it| Setting::new(it, Source::Flag));
    let store = place::for_login(&settings).await?;
    let password = match env::var("PRANCER_PASSWORD") {
        _ if arguments.password_stdin => prompt::password_from_stdin()?,
        Ok(password) if !password.is_empty() => password.into(),
        _ => prompt::password()?,
    };
    let credentials = match customer_id {
        Some(customer_id) => Credentials::new(&email, password, customer_id),
        None => Credentials::for_company(&email, password, company.unwrap_or_default()),
    };

    let session = keeper::begin(store, portal, credentials).await?;
    let call = async {
        session.login().await?;
        session.settled().await
    };
    spinner::wait("Logging in", settings.quiet, call).await?;
    let status = session.status();
    if let Some(error) = status.store_failure {
        return Err(error.into());
    }
    settings.say(&format!("Logged in to {} as {email}.", session.portal()));
    settings.say(&format!(
        "The session is kept in {}.",
        status.store.unwrap_or_default()
    ));
    if arguments.json {
        return output::json(&status::report(&settings, &Keeper::open(&settings).await?)?);
    }
    Ok(())
}
