//! How long a request may take, and how much of an answer is read: bounded, unless the program reads it itself.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use prancer_auth::{Credentials, Envelope, Error, Portal, Session, TransientError};
use reqwest::Body;
use socket2::{Domain, Socket, Type};

use crate::bad_answer::bomb;
use crate::raw_portal::{Answer, RawPortal, Step, good, json};

const PATIENCE: Duration = Duration::from_secs(2);

/// The good answers, but this one to secure calls.
fn portal(answer: impl Fn() -> Answer + Send + Sync + 'static) -> RawPortal {
    RawPortal::start(move |request| match request.contains("/api/user/get/") {
        true => answer(),
        false => good(request),
    })
}

#[tokio::test]
async fn a_request_that_is_not_answered_is_given_up_by_itself() {
    let portal = portal(|| vec![Step::Hold]);
    let session = portal.builder().request_timeout(PATIENCE).build().unwrap();
    for answer in [
        session.get("user/get/").send().await.map(drop),
        session
            .get("user/get/")
            .envelope::<Envelope>()
            .await
            .map(drop),
    ] {
        let error = answer.unwrap_err();
        assert!(matches!(error, Error::TimedOut(PATIENCE)), "{error:?}");
        assert!(error.is_transient());
        assert_eq!(error.to_string(), "no response within 2 s");
    }
    // That of the request comes first.
    let own = session.get("user/get/").timeout(Duration::from_millis(10));
    let error = own.send().await.unwrap_err();
    assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    // Another client's, too.
    let url = format!("{}/api/user/get/", portal.url());
    let mut request = reqwest::Client::new().get(url).build().unwrap();
    session.authorize(&mut request).await.unwrap();
    assert!(session.replay(request).await.unwrap_err().is_timeout());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_portal_that_takes_no_connection_is_given_up_after_five_seconds() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    listener.bind(&any.into()).unwrap();
    listener.listen(0).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    // Those that wait to be accepted leave no room for another.
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    let _waiting: Vec<_> = std::iter::from_fn(connect).collect();
    let session = Session::builder(Portal::new(&format!("http://{address}")).unwrap())
        .credentials(Credentials::new(
            "user@example.com",
            "password",
            "customer1",
        ))
        .build()
        .unwrap();
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    let error = session.token().await.unwrap_err();
    let Error::TryLater { source, .. } = &error else {
        panic!("{error:?}");
    };
    assert!(
        matches!(source, TransientError::Unreachable(_)),
        "{error:?}"
    );
    // Three times, with short pauses.
    let seconds = begun.elapsed().as_secs();
    assert!((15..20).contains(&seconds), "{seconds} s");
}

#[tokio::test]
async fn a_portal_that_is_silent_hangs_no_middleware() {
    let portal = portal(|| vec![Step::Hold]);
    let session = portal.builder().request_timeout(PATIENCE).build().unwrap();
    let client = reqwest_middleware::ClientBuilder::new(session.http_client().unwrap());
    let client = client.with(session).build();
    let call = client.get(format!("{}/api/user/get/", portal.url())).send();
    let answer = tokio::time::timeout(10 * PATIENCE, call).await;
    let error = answer.expect("it hangs").unwrap_err();
    let reqwest_middleware::Error::Middleware(error) = error else {
        panic!("{error:?}");
    };
    let error = error.downcast_ref::<Error>();
    assert!(
        matches!(error, Some(Error::TimedOut(PATIENCE))),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_response_that_the_program_reads_itself_may_take_its_time() {
    let portal = portal(|| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-length: 1500\r\n\r\n".to_vec();
        let drips = Step::Drips(b"0123456789".to_vec(), 150);
        vec![Step::Send(head), drips]
    });
    let session = portal.builder().request_timeout(PATIENCE).build().unwrap();
    let response = session.get("user/get/").send().await.unwrap();
    assert_eq!(response.bytes().await.unwrap().len(), 1500);
}

#[tokio::test]
async fn a_request_whose_body_the_program_streams_may_take_its_time() {
    let portal = portal(|| {
        let wait = Step::Wait(PATIENCE + PATIENCE / 2);
        [vec![wait], json("200 OK", "{}")].concat()
    });
    let session = portal.builder().request_timeout(PATIENCE).build().unwrap();
    let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("piece")]);
    let request = session.post("user/get/").body(Body::wrap_stream(pieces));
    assert_eq!(request.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn an_envelope_is_read_up_to_a_limit_that_can_be_set() {
    let sized = |size| move || json("200 OK", format!(r#"{{"data":"{}"}}"#, "x".repeat(size)));
    let read = async |portal: &RawPortal, limit: Option<usize>| {
        let builder = portal.builder();
        let builder = match limit {
            Some(limit) => builder.envelope_limit(limit),
            None => builder,
        };
        let session = builder.build().unwrap();
        let envelope = session.get("user/get/").envelope::<String>().await;
        envelope.map(|it| it.data.unwrap().len())
    };
    let small = portal(sized(1000));
    assert_eq!(read(&small, None).await.unwrap(), 1000);
    assert!(matches!(
        read(&small, Some(1000)).await,
        Err(Error::TooLarge(1000))
    ));
    assert_eq!(read(&small, Some(1011)).await.unwrap(), 1000);
    let large = portal(sized(16 << 20));
    assert!(matches!(read(&large, None).await, Err(Error::TooLarge(_))));
    assert_eq!(read(&large, Some(17 << 20)).await.unwrap(), 16 << 20);
}

#[tokio::test]
async fn a_connection_that_was_reset_after_an_answer_is_not_what_the_next_request_gets() {
    let portal = portal(|| [json("200 OK", "{}"), vec![Step::Reset]].concat());
    let session = portal.builder().build().unwrap();
    for _ in 0..50 {
        let response = session.get("user/get/").send().await.unwrap();
        assert_eq!(response.text().await.unwrap(), "{}");
    }
    // Nor what a middleware gets.
    let client = reqwest_middleware::ClientBuilder::new(session.http_client().unwrap());
    let client = client.with(session).build();
    for _ in 0..50 {
        let response = client.get(format!("{}/api/user/get/", portal.url())).send();
        assert_eq!(response.await.unwrap().text().await.unwrap(), "{}");
    }
}

#[tokio::test]
async fn a_request_that_may_not_be_done_twice_is_not() {
    let portal = portal(|| vec![Step::Reset]);
    let session = portal.builder().build().unwrap();
    let lost = session.post("user/get/").json(&1).send().await;
    assert!(matches!(lost, Err(Error::Unreachable(_))));
    assert_eq!(portal.calls("POST /api/user/get/"), 1);
    let lost = session.put("user/get/").json(&1).send().await;
    assert!(matches!(lost, Err(Error::Unreachable(_))));
    assert_eq!(portal.calls("PUT /api/user/get/"), 2);
}

/// Says to the test below that it is the process.
const PROCESS: &str = "PRANCER_BOMB_PROCESS";
/// Three times what is read of a response at most; unpacked, the bomb is 256 MiB.
const MOST_MEMORY: u64 = 48 << 10;

#[cfg(target_os = "linux")]
#[test]
fn a_bomb_of_gzip_takes_no_more_memory_than_the_limit_allows() {
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", "bounds::process", "--nocapture"]);
    let output = process.env(PROCESS, "1").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    assert!(said.contains("read no more"), "{said}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn process() {
    /// The most memory that the process has had, in KiB.
    fn most() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
    if std::env::var_os(PROCESS).is_none() {
        return;
    }
    let bomb = bomb();
    let portal = portal(move || (bomb.answer)(""));
    let session = portal.builder().build().unwrap();
    session.token().await.unwrap();
    let before = most();
    let read = session.get("user/get/").envelope::<Envelope>().await;
    assert!(matches!(read, Err(Error::TooLarge(_))), "{read:?}");
    let (before, after) = (before, most());
    assert!(after < before + MOST_MEMORY, "{before} KiB, then {after}");
    println!("read no more");
}
