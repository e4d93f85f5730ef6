//! A process that may open no more files: what fails then works again a moment later, for a portal in the clear and one behind TLS.

use std::fs::File;
use std::process::Command;
use std::time::Duration;

use prancer_auth::{Credentials, Error, Portal, Session, TransientError};

use crate::clock::Hands;
use crate::raw_portal::{PASSWORD, RawPortal, good};
use crate::tls_portal::{Authority, Shows, TlsPortal};
use crate::witness::said;

/// Says to the test below that it is the process, and where its portal is.
const PORTAL: &str = "PRANCER_NO_FILES_PORTAL";
/// Files that the process may have open.
const FILES: usize = 64;

/// Runs the story below in a process of its own, which may open few files.
fn story(portal: &str, authority: &Authority) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority.pem()).unwrap();
    let mut process = Command::new("sh");
    let script = format!(r#"ulimit -n {FILES}; exec "$0" --exact no_files::process --nocapture"#);
    process.args(["-euc", &script]);
    process.arg(std::env::current_exe().unwrap());
    process.env(PORTAL, portal).env("SSL_CERT_FILE", file);
    let output = process.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    assert!(said.contains("works again"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_client_that_could_not_be_made_for_want_of_files_is_made_a_moment_later() {
    let authority = Authority::new();
    let plain = RawPortal::start(good);
    story(&plain.url(), &authority);
    let encrypted = TlsPortal::start(Shows::Good(&authority));
    story(&encrypted.url(), &authority);
    assert_eq!(encrypted.heard().len(), 1, "one login, and nothing before");
}

#[tokio::test]
async fn process() {
    let Some(portal) = std::env::var_os(PORTAL) else {
        return;
    };
    let hands = Hands::new();
    let portal = Portal::new(portal.to_str().unwrap()).unwrap();
    let session = Session::builder(portal)
        .credentials(Credentials::new("user@example.com", PASSWORD, "customer1"))
        .clock(hands.clone())
        .build()
        .unwrap();
    let open = || File::open("/dev/null").ok();
    let hogged: Vec<File> = std::iter::from_fn(open).collect();
    assert!(hogged.len() < FILES);
    for _ in 0..2 {
        let error = session.token().await.unwrap_err();
        let Error::TryLater { source, retry_in } = &error else {
            panic!("{error:?}");
        };
        assert!(
            matches!(source, TransientError::Unreachable(_)),
            "{error:?}"
        );
        assert!(!said(&error).contains("canary"), "{error:?}");
        assert!(*retry_in < Duration::from_secs(60), "{retry_in:?}");
        hands.pass(*retry_in);
    }
    drop(hogged);
    session.token().await.unwrap();
    println!("works again");
}
