//! Logs in with what the environment says, and prints who that is.

use prancer_auth::{Credentials, Portal, Session};

#[derive(serde::Deserialize)]
struct User {
    email: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let portal = Portal::from_env()?; // PRANCER_PORTAL, PRANCER_TENANT
    let credentials = Credentials::from_env()?; // PRANCER_EMAIL, PRANCER_PASSWORD, PRANCER_CUSTOMER_ID
    let session = Session::builder(portal).credentials(credentials).build()?;
    let user = session.get("user/get/").envelope::<User>().await?; // what the portal rejects is an error
    println!("{:?}", user.data.map(|user| user.email));
    Ok(())
}
