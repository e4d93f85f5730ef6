//! A worker of the drive: it wants a token all the time, and says what it gets instead of one.
//!
//! The argument is a file or a Redis, and the environment says which portal, who, and with which credentials, if with any. It goes on until
//! its input ends; then it makes a last request, and says `well`, and for how many milliseconds it has waited for a token at most.

use std::error::Error;
use std::io::Read as _;
use std::thread;
use std::time::{Duration, Instant};

use prancer_auth::store::{FileStore, RedisStore};
use prancer_auth::{Credentials, Identity, Portal, Session};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio::time::sleep;

/// A worker asks so often.
const PAUSE: Duration = Duration::from_millis(50);
/// Every so many tokens, a request tries one.
const TRIED: u64 = 10;
/// How often the last request is made until it is answered well.
const LAST: u32 = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let place = std::env::args().nth(1).ok_or("where? A file or a Redis")?;
    let session = open(&place)?;
    let mut ended = input_ends();
    let (mut tokens, mut longest) = (0_u64, Duration::ZERO);
    while matches!(ended.try_recv(), Err(TryRecvError::Empty)) {
        let began = Instant::now();
        match session.token().await {
            Ok(_) => tokens += 1,
            Err(error) => say("error", &error),
        }
        longest = longest.max(began.elapsed());
        if tokens.is_multiple_of(TRIED) {
            match session.get("user/get/").send().await {
                Ok(response) if response.status() == 200 => {}
                Ok(response) => println!("stale {}", response.status().as_u16()),
                Err(error) => say("error", &error),
            }
        }
        sleep(PAUSE).await;
    }
    for _ in 0..LAST {
        match session.get("user/get/").send().await {
            Ok(response) if response.status() == 200 => {
                println!("well {}", longest.as_millis());
                break;
            }
            Ok(response) => println!("stale {}", response.status().as_u16()),
            Err(error) => say("unwell", &error),
        }
        sleep(2 * PAUSE).await;
    }
    session.settled().await?;
    Ok(())
}

fn open(place: &str) -> Result<Session, Box<dyn Error>> {
    let portal = Portal::from_env()?;
    let builder = Session::builder(portal.clone());
    let builder = match Credentials::from_env() {
        Ok(credentials) => builder.credentials(credentials),
        Err(_) => builder,
    };
    let builder = if place.contains("://") {
        let identity = Identity::new(portal.url().as_str())
            .with_customer_id(std::env::var("DRIVE_CUSTOMER_ID")?)
            .with_email(std::env::var("DRIVE_EMAIL")?);
        builder.store(RedisStore::open(place, &identity)?)
    } else {
        builder.store(FileStore::new(place))
    };
    Ok(builder.build()?)
}

fn input_ends() -> oneshot::Receiver<()> {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        let _ = sender.send(());
    });
    receiver
}

fn say(what: &str, error: &dyn Error) {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    println!("{what} {said}");
}
