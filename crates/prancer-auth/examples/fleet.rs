//! A worker of a fleet: for every path that comes in, one a line, it calls that API and prints the status.
//!
//! All workers, on however many machines, share one session in Redis: one login, one renewal a life.
//!
//! ```console
//! $ export PRANCER_EMAIL=... PRANCER_PASSWORD=... PRANCER_CUSTOMER_ID=...
//! $ echo user/get/ | cargo run --example fleet --features redis -- redis://127.0.0.1
//! 200
//! ```

use std::io::{BufRead as _, stdin};
use std::time::Duration;

use prancer_auth::store::RedisStore;
use prancer_auth::{Credentials, Portal, Session, SessionEvent};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let redis = arguments
        .next()
        .ok_or("which Redis? Its URL is the first argument")?;
    let portal = Portal::from_env()?;
    let credentials = Credentials::from_env()?;
    let mut store = RedisStore::open(&redis, &credentials.identity(&portal))?;
    // How soon another worker goes on when this one is killed in the middle of a renewal.
    if let Some(seconds) = arguments.next() {
        store = store.lock_expiry(Duration::from_secs_f32(seconds.parse()?));
    }
    let builder = Session::builder(portal).credentials(credentials);
    let tell = |change: &SessionEvent| {
        if let SessionEvent::StoreFailed(error) = change {
            eprintln!("{error}: {}; going on alone", error.cause());
        }
    };
    let session = builder.store(store).on_event(tell).build()?;
    for path in stdin().lock().lines() {
        let response = session.get(&path?).send().await?;
        println!("{}", response.status().as_u16());
    }
    session.settled().await?;
    Ok(())
}
