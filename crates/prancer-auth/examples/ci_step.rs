//! A step of a CI job: all steps on one runner share one session in a file, and the last one ends it.
//!
//! ```console
//! $ export PRANCER_EMAIL=... PRANCER_PASSWORD=... PRANCER_CUSTOMER_ID=...
//! $ cargo run --example ci_step --features file -- state/session.json user/get/
//! 200
//! $ cargo run --example ci_step --features file -- state/session.json logout
//! ```

use prancer_auth::store::FileStore;
use prancer_auth::{Credentials, Portal, Session};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(file), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: ci_step FILE PATH, or ci_step FILE logout".into());
    };
    let builder = Session::builder(Portal::from_env()?).credentials(Credentials::from_env()?);
    let session = builder.store(FileStore::new(file)).build()?;
    if path == "logout" {
        session.logout().await?;
        return Ok(());
    }
    let response = session.get(&path).send().await?;
    println!("{}", response.status().as_u16());
    // A renewal may be under way behind.
    session.settled().await?;
    Ok(())
}
