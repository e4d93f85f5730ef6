//! Each call on the wire, byte for byte: what is sent, by hand-typed expectation, and nothing else.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use prancer_auth_client::{
    AccessToken, Client, Credential, Password, RefreshToken, http_client, types,
};
use reqwest::header::HeaderValue;

/// What a server saw of one request.
struct Seen {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

/// Answers one request with this, and tells what the request was.
fn once(answer: &'static str) -> (String, thread::JoinHandle<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        loop {
            let mut buffer = [0; 4096];
            let length = stream.read(&mut buffer).unwrap();
            bytes.extend_from_slice(&buffer[..length]);
            let text = String::from_utf8(bytes.clone()).unwrap();
            let Some((head, body)) = text.split_once("\r\n\r\n") else {
                continue;
            };
            let mut lines = head.lines();
            let line = lines.next().unwrap().to_owned();
            let headers: BTreeMap<_, _> = lines
                .map(|line| line.split_once(": ").unwrap())
                .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                .collect();
            let expected = headers.get("content-length");
            if body.len() < expected.map_or(0, |it| it.parse().unwrap()) {
                continue;
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            write!(
                stream,
                "{head}content-length: {}\r\n\r\n{answer}",
                answer.len()
            )
            .unwrap();
            return Seen {
                line,
                headers,
                body: body.to_owned(),
            };
        }
    });
    (url, server)
}

fn client(url: &str, credential: Credential) -> Client {
    // This package alone has what unpacks.
    let http = http_client(reqwest::Client::builder().no_gzip()).unwrap();
    Client::new_with_client(url, http, credential)
}

const TOKENS: &str = r#"{
    "data": {"refresh_token": "r.r.r", "token": "t.t.t"},
    "error": "", "message": "User Logged In Successfully", "metadata": {}, "status": 200
}"#;
const EMPTY: &str = r#"{
    "data": {}, "error": "", "message": "User logged out successfully!", "metadata": {}, "status": 200
}"#;

impl Seen {
    fn assert_headers(&self, expected: &[(&str, &str)]) {
        let mut headers = self.headers.clone();
        let host = headers.remove("host").unwrap();
        assert!(host.starts_with("127.0.0.1:"), "{host}");
        let expected = expected.iter();
        let expected = expected.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_eq!(headers, expected.collect());
    }
}

fn user_agent() -> String {
    format!("prancer-auth/{}", env!("CARGO_PKG_VERSION"))
}

#[tokio::test]
async fn login_sends_what_is_documented_and_nothing_else() {
    let (url, server) = once(TOKENS);
    let credentials = types::Credentials::new(
        "user@example.com".to_owned(),
        Password::from("pass"),
        "customer1".to_owned(),
    );
    let answer = client(&url, Credential::none())
        .login(&credentials)
        .await
        .unwrap();
    assert_eq!(answer.data.token.expose(), "t.t.t");
    assert_eq!(answer.data.refresh_token.expose(), "r.r.r");

    let seen = server.join().unwrap();
    assert_eq!(seen.line, "POST /api/login/ HTTP/1.1");
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    let expected =
        r#"{"email": "user@example.com", "password": "pass", "customer_id": "customer1"}"#;
    assert_eq!(
        body,
        serde_json::from_str::<serde_json::Value>(expected).unwrap()
    );
    seen.assert_headers(&[
        ("accept", "application/json"),
        ("content-length", &seen.body.len().to_string()),
        ("content-type", "application/json"),
        ("user-agent", &user_agent()),
    ]);
}

#[tokio::test]
async fn refresh_sends_the_refresh_token_and_nothing_else() {
    let (url, server) = once(TOKENS);
    let credential = Credential::refresh_token(&RefreshToken::from("r.r.r")).unwrap();
    let answer = client(&url, credential).refresh().await.unwrap();
    assert_eq!(answer.data.token.expose(), "t.t.t");

    let seen = server.join().unwrap();
    assert_eq!(seen.line, "GET /api/refresh/token/ HTTP/1.1");
    assert_eq!(seen.body, "");
    seen.assert_headers(&[
        ("accept", "application/json"),
        ("authorization", "Bearer r.r.r"),
        ("content-type", "application/json"),
        ("user-agent", &user_agent()),
    ]);
}

#[tokio::test]
async fn logout_sends_the_access_token_and_nothing_else() {
    let (url, server) = once(EMPTY);
    let credential = Credential::access_token(&AccessToken::from("t.t.t")).unwrap();
    let credential = credential.with_user_agent(HeaderValue::from_static("inventory/2.1"));
    let answer = client(&url, credential).logout().await.unwrap();
    assert_eq!(answer.message, "User logged out successfully!");

    let seen = server.join().unwrap();
    assert_eq!(seen.line, "POST /api/logout/ HTTP/1.1");
    assert_eq!(seen.body, "");
    seen.assert_headers(&[
        ("accept", "application/json"),
        ("authorization", "Bearer t.t.t"),
        ("content-type", "application/json"),
        ("user-agent", "inventory/2.1"),
    ]);
}
