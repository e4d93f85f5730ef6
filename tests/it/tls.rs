//! TLS as a session uses it: nothing is said to a server that cannot show who it is. Run with the feature `native-tls`, the other
//! library says the same.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use prancer_auth::store::{StoredSession, StoredTokens};
use prancer_auth::{Credentials, Error, Identity, Portal, Session, TransientError, Transport};
use reqwest::{Certificate, Client};
use socket2::SockRef;

use crate::person::{Person, run};
use crate::raw_portal::PASSWORD;
use crate::tls_portal::{Authority, Shows, TlsPortal};
use crate::witness::said;

/// A session with this portal that trusts this authority, besides those of the machine.
fn session(url: &str, authority: &Authority) -> Session {
    let authority = Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let transport = Transport::with(move || Client::builder().tls_certs_only([authority.clone()]));
    Session::builder(Portal::new(url).unwrap())
        .credentials(Credentials::new("user@example.com", PASSWORD, "customer1"))
        .transport(transport.unwrap())
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_portal_with_a_certificate_of_an_own_authority_is_trusted() {
    let authority = Authority::new();
    let portal = TlsPortal::start(Shows::Good(&authority));
    let session = session(&portal.url(), &authority);
    assert_eq!(session.get("user/get/").send().await.unwrap().status(), 200);
    session.refresh().await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(portal.heard().len(), 4);
}

#[tokio::test]
async fn a_portal_that_cannot_show_who_it_is_is_told_nothing() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (kind, shows) in [
        ("self-signed", Shows::SelfSigned),
        ("expired", Shows::Expired(&authority)),
        ("of another name", Shows::Another(&authority)),
        ("of a stranger", Shows::Good(&stranger)),
    ] {
        let portal = TlsPortal::start(shows);
        let session = session(&portal.url(), &authority);
        let error = session.token().await.unwrap_err();
        let Error::TryLater { source, .. } = &error else {
            panic!("{kind}: {error:?}");
        };
        assert!(
            matches!(source, TransientError::Unreachable(_)),
            "{kind}: {error:?}"
        );
        let said = said(&error).to_lowercase();
        assert!(said.contains("certificate"), "{kind}: {said}");
        assert!(!said.contains("canary"), "{said}");
        assert_eq!(portal.heard(), [""; 0], "{kind}");
    }
}

/// What is lost with its connection is sent again; what never had one is not.
#[tokio::test]
async fn a_request_whose_handshake_is_reset_is_not_sent_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let connections = Arc::<AtomicUsize>::default();
    let count = Arc::clone(&connections);
    thread::spawn(move || {
        for connection in listener.incoming() {
            count.fetch_add(1, Ordering::SeqCst);
            let reset = SockRef::from(&connection.unwrap()).set_linger(Some(Duration::ZERO));
            reset.unwrap();
        }
    });
    let portal = Portal::new(&url).unwrap();
    let (access, refresh, day) = ("access".into(), "refresh".into(), 86_400);
    let day = Duration::from_secs(day);
    let tokens = StoredTokens::new(access, refresh, SystemTime::now(), day);
    let stored = StoredSession::new(Identity::new(portal.to_string()), tokens);
    let session = Session::builder(portal).resume(stored).build().unwrap();
    let error = session.get("user/get/").send().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[test]
fn the_command_trusts_an_own_authority_by_file_and_no_other() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let person = Person::new();
    let folder = tempfile::tempdir().unwrap();
    let logs_in = |url: &str, authority: &Authority| {
        let file = folder.path().join("authority.pem");
        std::fs::write(&file, authority.pem()).unwrap();
        let mut command = person.command(&["login", "--portal", url, "--password-stdin"]);
        command.args(["--email", "user@example.com", "--customer-id", "customer1"]);
        command.env("SSL_CERT_FILE", file);
        run(command, "correct horse battery staple\n")
    };
    let portal = TlsPortal::start(Shows::Good(&authority));
    let failed = logs_in(&portal.url(), &stranger);
    assert_ne!(failed.code, 0);
    assert!(
        failed.err.to_lowercase().contains("certificate"),
        "{}",
        failed.err
    );
    assert_eq!(portal.heard(), [""; 0]);
    let done = logs_in(&portal.url(), &authority);
    assert_eq!(done.code, 0, "{}", done.err);
    assert_eq!(portal.heard().len(), 1);
}

/// The answer of a server that wants TLS 1.1, with a suite that the client offers.
fn old_hello(hello: &[u8]) -> Vec<u8> {
    // Behind the headers, the version and the random bytes comes the session's id, then the suites.
    let id = usize::from(hello[43]);
    let suites = &hello[44 + id + 2..][..usize::from(hello[44 + id + 1])];
    // One of before TLS 1.3, which all old suites are; the first of them lies below 0x1300 or above it.
    let old = suites.chunks_exact(2).find(|it| it[0] == 0xc0).unwrap();
    let body = [&[3, 2][..], &[7; 32], &[0], old, &[0]].concat();
    let length = u8::try_from(body.len()).unwrap();
    [&[0x16, 3, 2, 0, length + 4, 2, 0, 0, length][..], &body].concat()
}

#[tokio::test]
async fn a_portal_that_wants_a_version_before_1_2_is_told_so_and_nothing_else() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    let server = thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut hello = vec![0; 5];
        connection.read_exact(&mut hello).unwrap();
        let length = usize::from(u16::from_be_bytes([hello[3], hello[4]]));
        hello.resize(5 + length, 0);
        connection.read_exact(&mut hello[5..]).unwrap();
        connection.write_all(&old_hello(&hello)).unwrap();
        let mut alert = [0; 7];
        connection.read_exact(&mut alert).unwrap();
        alert
    });
    let authority = Authority::new();
    session(&url, &authority).token().await.unwrap_err();
    let alert = server.join().unwrap();
    // A fatal alert: the version of the protocol.
    assert_eq!((alert[0], alert[5], alert[6]), (0x15, 2, 70), "{alert:?}");
}
