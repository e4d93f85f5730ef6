//! What leaves this machine, and where it gets: nothing in the clear through a proxy, no token beyond the portal.

use prancer_auth::{Error, Portal, Session, Transport};
use prancer_auth_emulator::{Emulator, Operation};
use reqwest::{Client, Proxy, StatusCode};

use crate::person::Person;
use crate::portal::session;
use crate::raw_portal::{Answer, RawPortal, answer, good, json};

fn redirect(to: &str) -> Answer {
    answer("302 Found", &format!("location: {to}\r\n"), "moved")
}

/// A portal that sends `/health` to where `to` says.
fn redirecting(to: &'static str) -> RawPortal {
    RawPortal::start(
        move |request| match request.lines().next().unwrap().contains("/health") {
            true => redirect(to),
            false => good(request),
        },
    )
}

#[tokio::test]
async fn what_is_plain_goes_through_no_proxy() {
    let proxy = RawPortal::start(|_| json("502 Bad Gateway", "{}"));
    let url = proxy.url();
    let transport = Transport::with(move || Client::builder().proxy(Proxy::all(&url).unwrap()));
    let portal = RawPortal::start(good);
    let session = portal
        .builder()
        .transport(transport.unwrap())
        .build()
        .unwrap();
    assert_eq!(session.get("user/get/").send().await.unwrap().status(), 200);
    session.refresh().await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(portal.heard().len(), 4);
    assert_eq!(proxy.heard(), [""; 0]);
}

#[test]
fn a_proxy_of_the_environment_gets_no_password_in_the_clear() {
    let proxy = RawPortal::start(|_| json("502 Bad Gateway", "{}"));
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let mut arguments = vec!["login", "--portal"];
    let url = emulator.url();
    arguments.extend([&url, "--password-stdin", "--email", "user@example.com"]);
    arguments.extend(["--customer-id", "customer1"]);
    let proxied = |arguments: &[&str], input| {
        let mut command = person.command(arguments);
        for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
            command.env(variable, proxy.url());
        }
        crate::person::run(command, input)
    };
    let said = proxied(&arguments, "correct horse battery staple\n");
    assert_eq!(said.code, 0, "{}", said.err);
    let said = proxied(&["api", "GET", "user/get/"], "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(proxy.heard(), [""; 0]);
}

#[tokio::test]
async fn an_encrypted_portal_is_reached_through_the_proxy_and_the_proxy_sees_no_secret() {
    let proxy = RawPortal::start(|_| answer("502 Bad Gateway", "", ""));
    let url = proxy.url();
    let transport = Transport::with(move || Client::builder().proxy(Proxy::all(&url).unwrap()));
    let portal = Portal::new("https://portal.example").unwrap();
    let credentials = prancer_auth::Credentials::new("u@example.com", "canary", "c");
    let session = Session::builder(portal).credentials(credentials);
    let session = session.transport(transport.unwrap()).build().unwrap();
    session.token().await.unwrap_err();
    let heard = proxy.heard();
    assert_eq!(
        heard.is_empty(),
        cfg!(not(any(feature = "rustls", feature = "native-tls")))
    );
    for request in heard {
        assert!(
            request.starts_with("CONNECT portal.example:443 "),
            "{request}"
        );
        assert!(!request.contains("canary"), "{request}");
    }
}

#[tokio::test]
async fn a_redirect_out_of_the_portal_is_not_followed_whatever_the_path() {
    for below in ["", "/below/a/path"] {
        let server = redirecting("/other/api/user/get/");
        let url = format!("{}{below}", server.url());
        let portal = Portal::new(&url).unwrap().with_tenant("t").unwrap();
        let credentials = prancer_auth::Credentials::new("u@example.com", "canary", "c");
        let session = Session::builder(portal).credentials(credentials);
        let session = session.build().unwrap();
        for path in ["/health", "health", "/api/x/health"] {
            let response = session.get(path).send().await.unwrap();
            assert_eq!(response.status(), 302, "{below} {path}");
            assert_eq!(response.text().await.unwrap(), "moved");
        }
        assert_eq!(server.calls("GET /other"), 0, "{:?}", server.heard());
    }
}

#[tokio::test]
async fn a_redirect_within_the_portal_is_followed() {
    let server = redirecting("/t/elsewhere");
    let portal = Portal::new(&server.url())
        .unwrap()
        .with_tenant("t")
        .unwrap();
    let credentials = prancer_auth::Credentials::new("u@example.com", "canary", "c");
    let session = Session::builder(portal).credentials(credentials);
    let session = session.build().unwrap();
    let response = session.get("health").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(server.calls("GET /t/elsewhere"), 1);
}

#[tokio::test]
async fn redirects_without_end_are_an_error_after_ten() {
    let server = redirecting("/api/health");
    let session = server.builder().build().unwrap();
    let endless = session.get("health").send().await;
    assert!(matches!(endless, Err(Error::Unreachable(_))), "{endless:?}");
    assert_eq!(server.calls("GET /api/health"), 11);
}

/// What middleware and hooks get from a portal of a tenant that redirects them.
async fn redirected(server: &RawPortal) -> [StatusCode; 2] {
    let portal = Portal::new(&server.url())
        .unwrap()
        .with_tenant("t")
        .unwrap();
    let url = format!("{}/api/health", portal.base_url());
    let credentials = prancer_auth::Credentials::new("u@example.com", "canary", "c");
    let session = Session::builder(portal).credentials(credentials);
    let session = session.build().unwrap();
    let client = reqwest_middleware::ClientBuilder::new(session.http_client().unwrap());
    let client = client.with(session.clone()).build();
    let middleware = client.get(&url).send().await.unwrap().status();
    let mut request = Client::new().get(&url).build().unwrap();
    session.authorize(&mut request).await.unwrap();
    [middleware, session.replay(request).await.unwrap().status()]
}

#[tokio::test]
async fn middleware_and_hooks_follow_no_redirect_out_of_the_portal_either() {
    let server = redirecting("/other/api/user/get/");
    assert_eq!(redirected(&server).await, [StatusCode::FOUND; 2]);
    assert_eq!(server.calls("GET /other"), 0, "{:?}", server.heard());
    assert_eq!(server.calls("GET /t/api/health"), 2);
}

#[tokio::test]
async fn middleware_and_hooks_follow_a_redirect_within_the_portal() {
    let server = redirecting("/t/api/user/get/");
    assert_eq!(redirected(&server).await, [StatusCode::OK; 2]);
}

#[tokio::test]
async fn a_path_that_servers_read_differently_is_an_error_before_anything_is_sent() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    for path in [
        "..%2fother",
        "a/..%2F..%2fother",
        "..;/other",
        "a/..;x=y/other",
        "%2e%2e/other",
        "a/%2E./other",
        "a%2eb",
        "a\\..\\other",
        "\\other",
        "a%5cb",
        "..%5c..%5Cother",
        "..%252fother",
        "..%25%32%66a",
        "/api/..%2fother",
        "..%09/other",
        "..%3f/other",
        "%c0%ae%c0%ae/other",
    ] {
        let refused = session.get(path).send().await;
        assert!(
            matches!(refused, Err(Error::AmbiguousPath(_))),
            "{path}: {refused:?}"
        );
        let whole = format!("{}/api/{path}", emulator.url());
        let refused = session.get(&whole).send().await;
        assert!(refused.is_err(), "{whole}: {refused:?}");
    }
    // The parser of URLs has not tidied these up, so that a request which something else has built holds them, too.
    for path in ["..%2fother", "..;/other", "a%5cb", "a/..%252fother"] {
        let url = format!("{}/api/{path}", emulator.url());
        let request = Client::new().get(url).build().unwrap();
        let refused = session.execute(request).await;
        assert!(
            matches!(refused, Err(Error::AmbiguousPath(_))),
            "{path}: {refused:?}"
        );
    }
    assert_eq!(emulator.calls(Operation::Login), 0);
    // What is in the query is not in the path.
    let answer = session.get("user/get/?path=..%2f..\\%2e").send().await;
    assert_eq!(answer.unwrap().status(), StatusCode::OK);
}
