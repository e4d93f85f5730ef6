//! What a session logs: the documented events, and no secret.

use std::io::{self, Write};
use std::process::Command;
use std::sync::{Arc, Mutex};

use prancer_auth_emulator::{Emulator, Fault, Operation};
use reqwest::StatusCode;
use tracing::Level;

use crate::portal::session;

/// Says to the test below that it is the process.
const PROCESS: &str = "PRANCER_LOG_PROCESS";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A session whose refresh token is rejected, then its credentials.
async fn rejections(emulator: &Emulator) {
    let session = session(emulator);
    session.token().await.unwrap();
    for operation in [Operation::Refresh, Operation::Login] {
        let said = r#"{"error": "no", "message": "canary", "status": 401}"#;
        emulator.fail_next(operation, Fault::json(StatusCode::UNAUTHORIZED, said));
    }
    session.refresh().await.unwrap_err();
}

/// Method and path of login, refresh and logout.
fn calls_of_the_document() -> Vec<(String, String)> {
    let document = std::fs::read_to_string("../openapi/prancer-auth.yaml").unwrap();
    let document: serde_json::Value = serde_saphyr::from_str(&document).unwrap();
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if ["login", "refresh", "logout"]
                .contains(&operation["operationId"].as_str().unwrap_or_default())
            {
                calls.push((method.to_uppercase(), path.clone()));
            }
        }
    }
    assert_eq!(calls.len(), 3);
    calls
}

#[test]
fn the_documented_events_are_logged_and_no_secret() {
    // In a process of its own: other stories would log there, too.
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", "logs::process"]).env(PROCESS, "1");
    let output = process.output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[tokio::test]
async fn process() {
    if std::env::var_os(PROCESS).is_none() {
        return;
    }
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // For the whole process: one of this thread alone is overlooked by events that another thread was first to log.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let token = session.token().await.unwrap();
    session.get("user/get/?key=canary").send().await.unwrap();
    let mail = session.get("user/get/?mail=canary@canary");
    mail.send().await.unwrap();
    let url = emulator.url().replace("://", "://canary:canary@");
    let url = format!("{url}/api/user/get/?key=canary#canary");
    session.get(&url).send().await.unwrap();
    for location in [
        "http://canary:canary@192.0.2.1/there/?canary#canary",
        "//canary@192.0.2.1/there/#access_token=canary",
        "/there/#canary?canary",
        "http://192.0.2.1/there/?mail=canary@canary",
    ] {
        let answer = http::Response::builder().status(302);
        let answer = answer.header("location", location).body(String::new());
        emulator.fail_next(Operation::User, Fault::Answer(answer.unwrap()));
        session.get("user/get/").send().await.unwrap();
    }
    session.refresh().await.unwrap();
    let stored = session.stored().unwrap();
    for _ in 0..3 {
        emulator.fail_next(Operation::Refresh, Fault::Drop);
    }
    session.refresh().await.unwrap_err();
    session.logout().await.unwrap();
    rejections(&emulator).await;

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let ours: Vec<_> = log
        .lines()
        .filter(|line| line.contains("prancer_auth"))
        .collect();
    let ours = ours.join("\n");
    for event in [
        " INFO prancer_auth::engine::observer: logged in",
        "DEBUG prancer_auth::engine::observer: renewed the access token",
        " WARN prancer_auth::engine::observer: the exchange failed for now error=the portal cannot be reached",
        " INFO prancer_auth::engine::observer: logged out",
        " WARN prancer_auth::engine::observer: the portal rejected the refresh token status=401",
        "ERROR prancer_auth::engine::observer: the portal rejected the credentials status=",
        "DEBUG prancer_auth::request: request method=GET path=/api/user/get/ status=200",
        "location: http://192.0.2.1/there/",
        "location: //192.0.2.1/there/",
    ] {
        assert!(ours.contains(event), "no {event:?} in:\n{ours}");
    }
    for (method, path) in calls_of_the_document() {
        let event = format!("prancer_auth::request: request method={method} path={path} ");
        assert!(ours.contains(&event), "no {event:?} in:\n{ours}");
    }
    let renewed = stored.tokens.as_ref().unwrap().access_token.expose();
    for secret in [
        token.expose(),
        renewed,
        stored.tokens.as_ref().unwrap().refresh_token.expose(),
        "horse",
        "canary",
    ] {
        assert!(!ours.contains(secret), "{ours}");
    }
}
