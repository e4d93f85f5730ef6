//! `prancer-auth login`

use std::env;

use prancer_auth::Credentials;

use crate::arguments::{Login, Place};
use crate::failure::Failure;
use crate::keeper;
use crate::place::flag_or_variable;
use crate::prompt;

pub(crate) async fn run(place: &Place, arguments: Login) -> Result<(), Failure> {
    let portal = match &arguments.company {
        Some(company) => place.portal_of_company(company)?,
        None => place.portal()?,
    };
    let email = match flag_or_variable(arguments.email.as_deref(), "PRANCER_EMAIL") {
        Some(email) => email,
        None => prompt::text("Email", "--email or PRANCER_EMAIL")?,
    };
    let customer_id = arguments.customer_id.as_deref();
    let customer_id = match (&arguments.company, customer_id) {
        (Some(_), _) => None,
        (None, flag) => match flag_or_variable(flag, "PRANCER_CUSTOMER_ID") {
            Some(customer_id) => Some(customer_id),
            None => Some(prompt::text(
                "Customer id",
                "--customer-id, --company or PRANCER_CUSTOMER_ID",
            )?),
        },
    };
    let password = match env::var("PRANCER_PASSWORD") {
        _ if arguments.password_stdin => prompt::password_from_stdin()?,
        Ok(password) if !password.is_empty() => password.into(),
        _ => prompt::password()?,
    };
    let credentials = match (customer_id, arguments.company) {
        (Some(customer_id), _) => Credentials::new(email, password, customer_id),
        (None, company) => Credentials::for_company(email, password, &company.unwrap_or_default()),
    };

    let who = credentials.email().to_owned();
    let session = keeper::begin(portal, credentials).await?;
    session.login().await?;
    session.settled().await?;
    if let Some(error) = session.status().store_failure {
        return Err(error.into());
    }
    eprintln!("Logged in to {} as {who}.", session.portal());
    Ok(())
}
