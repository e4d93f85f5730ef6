//! Planted secrets, searched for in all that a program with every log switched on prints: types, errors, events, logs, panics.

use std::error::Error as _;
use std::fmt::{Debug, Display};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use prancer_auth::store::{FileStore, MemoryStore, SessionStore as _, StoredSession};
use prancer_auth::{Envelope, Error, Session, SessionBuilder, Transport};
use reqwest::{Client, Proxy, Url};

use crate::portal::eventually;
use crate::raw_portal::{Answer, PASSWORD, RawPortal, answer, good, json};

/// Says to the test below that it is the program.
const PROGRAM: &str = "PRANCER_CANARY_PROGRAM";

#[test]
fn nothing_that_a_program_prints_with_every_log_on_holds_a_secret() {
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args(["--exact", "canaries::program", "--nocapture"]);
    let output = program.env(PROGRAM, "1").output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    assert!(output.status.success(), "{printed}");
    // Everything was on, and said something.
    for said in [
        "prancer_auth::engine",
        "prancer_auth::request",
        "reqwest::connect",
        "hyper_util::client",
        "panicked at",
        "Status {",
        "CredentialsRejected(",
    ] {
        assert!(printed.contains(said), "no {said} in: {printed}");
    }
    let lines = printed.lines().filter(|it| it.contains("canary"));
    let found: Vec<_> = lines.collect();
    assert!(found.is_empty(), "{found:#?}");
    let encoded = |text: &str| {
        use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
        BASE64_STANDARD_NO_PAD.encode(text)
    };
    for secret in [&encoded(PASSWORD), "eyJhbGciOi", "63616e617279"] {
        assert!(!printed.contains(secret), "{secret} in: {printed}");
    }
}

fn show(what: &(impl Debug + ?Sized)) {
    println!("{what:?} {what:#?}");
}

fn tell<T>(result: Result<T, Error>) {
    let Err(error) = result else { return };
    show(&error);
    let mut cause: Option<&dyn std::error::Error> = Some(&error);
    while let Some(error) = cause {
        println!("{error} {error:?}");
        cause = error.source();
    }
}

/// Answers that hold what was asked, one after the other; the fifth is good.
pub(crate) fn echoing(request: &str, times: usize) -> Answer {
    let echo = serde_json::json!({"error": request, "message": request, "error_list": [request], "status": 400});
    match times % 5 {
        0 => json("400 Bad Request", echo.to_string()),
        1 => answer("502 Bad Gateway", "", request),
        2 => answer(
            "302 Found",
            "location: http://127.0.0.1:1/?canary\r\n",
            request,
        ),
        3 => json("401 Unauthorized", echo.to_string()),
        _ => good(request),
    }
}

/// All that a session does, against a portal that is well, one that echoes, and a proxy.
#[tokio::test]
async fn program() {
    if std::env::var_os(PROGRAM).is_none() {
        return;
    }
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .init();
    let well = RawPortal::start(good);
    let (folder, memory) = (tempfile::tempdir().unwrap(), MemoryStore::default());
    let file = FileStore::new(folder.path().join("session.json"));
    show(&(&file, &memory));
    uses(well.builder().store(memory.clone())).await;
    uses(well.builder().store(file)).await;
    let stored: Option<StoredSession> = memory.load().await.unwrap();
    show(&stored);

    let times = AtomicUsize::new(0);
    let echo =
        RawPortal::start(move |request| echoing(request, times.fetch_add(1, Ordering::SeqCst)));
    for _ in 0..6 {
        uses(echo.builder()).await;
    }

    let proxy = RawPortal::start(|_| answer("407 Proxy Authentication Required", "", ""));
    let url = proxy.url().replace("http://", "http://user:canary@");
    let transport = Transport::with(move || Client::builder().proxy(Proxy::all(&url).unwrap()));
    let transport = transport.unwrap();
    show(&transport);
    let portal = prancer_auth::Portal::new("https://portal.example").unwrap();
    let credentials = prancer_auth::Credentials::new("u@example.com", PASSWORD, "c");
    let builder = Session::builder(portal).credentials(credentials);
    uses(builder.transport(transport)).await;
    panics(well.builder()).await;
}

async fn uses(builder: SessionBuilder) {
    let builder = builder.on_event(|event| println!("{event} {event:?}"));
    show(&builder);
    let session = builder.build().unwrap();
    show(&session);
    tell(session.token().await);
    show(&session.token().await.ok());
    show(&session.authorization().await.ok());
    show(&session.stored());
    let status = session.status();
    show(&status);
    println!(
        "{} {}",
        status.state,
        serde_json::to_string(&status).unwrap()
    );
    let request = session.post("user/get/?key=canary");
    show(&request.header("x-key", "canary").json(&[PASSWORD]));
    tell(session.post("user/get/").envelope::<Envelope>().await);
    tell(session.get("user/get/").envelope::<u8>().await);
    tell(
        session
            .get("https://canary:canary@example.com/?canary")
            .send()
            .await,
    );
    tell(session.get("..;/?canary").send().await);
    let url = session.portal().url().join("api/user/get/?canary").unwrap();
    let mut request = reqwest::Request::new(reqwest::Method::GET, url);
    tell(session.authorize(&mut request).await);
    show(request.headers());
    let middleware = reqwest_middleware::ClientBuilder::new(session.http_client().unwrap());
    let client = middleware.with(session.clone()).build();
    let url: Url = session.portal().url().join("api/user/get/").unwrap();
    if let Err(error) = client.get(url).send().await {
        println!("{error} {error:?} {:?}", error.source().map(shown));
    }
    tell(session.refresh().await);
    tell(session.logout().await);
    tell(session.settled().await);
}

fn shown(error: &(impl Display + Debug + ?Sized)) -> String {
    format!("{error} {error:?}")
}

/// A program that panics where it hears of an event.
async fn panics(builder: SessionBuilder) {
    let heard = Arc::<AtomicUsize>::default();
    let hears = Arc::clone(&heard);
    let builder = builder.on_event(move |event| {
        hears.fetch_add(1, Ordering::SeqCst);
        panic!("{event:?}");
    });
    let session = builder.build().unwrap();
    let asked = tokio::spawn({
        let session = session.clone();
        async move { session.token().await.map(drop) }
    });
    eventually(|| heard.load(Ordering::SeqCst) > 0).await;
    show(&session);
    asked.abort();
}
