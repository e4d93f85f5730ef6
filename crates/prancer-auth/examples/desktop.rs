//! A desktop tool: the session is in the keyring, or in a file where there is none.
//!
//! ```console
//! $ export PRANCER_EMAIL=... PRANCER_PASSWORD=... PRANCER_CUSTOMER_ID=...
//! $ cargo run --example desktop --features file,keyring -- ~/.local/state/inventory
//! 200, with the session stored in the keyring, as https://portal.prancer.io/|customer1|user@example.com of inventory
//! ```

use std::path::PathBuf;

use prancer_auth::store::{FileStore, KeyringStore};
use prancer_auth::{Credentials, Portal, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let state = std::env::args()
        .nth(1)
        .ok_or("where? A folder is the argument")?;
    let state = PathBuf::from(state);
    let (portal, credentials) = (Portal::from_env()?, Credentials::from_env()?);
    let account = credentials.identity(&portal).to_string();
    let keyring = KeyringStore::new("inventory", account, &state);
    let builder = Session::builder(portal).credentials(credentials);
    let session = match keyring.probe().await {
        Ok(()) => builder.store(keyring).build()?,
        Err(error) => {
            eprintln!("{error}: {}; the session goes into a file", error.cause());
            builder
                .store(FileStore::new(state.join("session.json")))
                .build()?
        }
    };
    let response = session.get("user/get/").send().await?;
    session.settled().await?;
    let location = session.status().store.unwrap_or_default();
    println!(
        "{}, with the session stored in {location}",
        response.status().as_u16()
    );
    Ok(())
}
