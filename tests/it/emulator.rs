//! The emulator answers as the document says, checked against bodies typed by hand.

use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth_emulator::{Emulator, Operation, Settings, Shape};
use reqwest::Response;
use serde_json::{Value, json};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Caller {
    root: String,
    http: reqwest::Client,
}

impl Caller {
    fn new(emulator: &Emulator) -> Self {
        let tenant = emulator.tenant().map(|tenant| format!("/{tenant}"));
        Self {
            root: format!("{}{}", emulator.url(), tenant.unwrap_or_default()),
            http: reqwest::Client::new(),
        }
    }

    async fn login(&self, password: &str) -> Response {
        let body = format!(
            r#"{{"email": "user@example.com", "password": "{password}", "customer_id": "customer1"}}"#
        );
        let request = self.http.post(format!("{}/api/login/", self.root));
        let request = request
            .header("content-type", "application/json")
            .body(body);
        request.send().await.unwrap()
    }

    /// The access token and the refresh token of a login.
    async fn tokens(&self) -> (String, String) {
        let body: Value = self
            .login("correct horse battery staple")
            .await
            .json()
            .await
            .unwrap();
        let token = |name: &str| body["data"][name].as_str().unwrap().to_owned();
        (token("token"), token("refresh_token"))
    }

    async fn call(&self, method: &str, path: &str, token: Option<&str>) -> (u16, Value) {
        let method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.root));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    async fn refresh(&self, token: Option<&str>) -> (u16, Value) {
        self.call("GET", "/api/refresh/token/", token).await
    }

    async fn user(&self, token: Option<&str>) -> (u16, Value) {
        self.call("GET", "/api/user/get/", token).await
    }
}

fn unauthorized() -> (u16, Value) {
    let body = r#"{
        "data": {},
        "error": "Unauthorized",
        "message": "Please authenticate to access this API.",
        "metadata": {},
        "status": 401
    }"#;
    (401, serde_json::from_str(body).unwrap())
}

/// A body whose tokens are taken out, so that the rest can be compared.
fn without_tokens(mut body: Value) -> Value {
    for name in ["token", "refresh_token"] {
        assert_eq!(body["data"][name].as_str().unwrap().split('.').count(), 3);
        body["data"][name] = json!("...");
    }
    body
}

#[tokio::test]
async fn login_answers_as_documented() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::new(&emulator);
    let response = caller.login("correct horse battery staple").await;
    assert_eq!(response.status(), 200);
    let expected = r#"{
        "data": {"refresh_token": "...", "token": "..."},
        "error": "",
        "message": "User Logged In Successfully",
        "metadata": {},
        "status": 200
    }"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(without_tokens(response.json().await.unwrap()), expected);

    let response = caller.login("wrong").await;
    assert_eq!(response.status(), 400);
    let expected = r#"{
        "data": {},
        "error": "Authentication Failed",
        "message": "Invalid Email or Password",
        "metadata": {},
        "status": 400
    }"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[tokio::test]
async fn refresh_answers_as_documented_and_takes_refresh_tokens_only() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::new(&emulator);
    let (access, refresh) = caller.tokens().await;
    let (status, body) = caller.refresh(Some(&refresh)).await;
    let expected = r#"{
        "data": {"refresh_token": "...", "token": "..."},
        "error": "", "message": "", "metadata": {}, "status": 200
    }"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    assert_eq!((status, without_tokens(body)), (200, expected));

    let (status, body) = caller.refresh(Some(&access)).await;
    let expected: Value =
        serde_json::from_str(r#"{"msg": "Only refresh tokens are allowed"}"#).unwrap();
    assert_eq!((status, body), (422, expected));
    assert_eq!(caller.refresh(Some("no.token.atall")).await.0, 422);
    assert_eq!(caller.refresh(None).await, unauthorized());
    emulator.advance(31 * DAY);
    assert_eq!(caller.refresh(Some(&refresh)).await, unauthorized());
}

#[tokio::test]
async fn where_it_is_asked_for_it_answers_nothing_but_what_the_document_says() {
    let emulator = Settings::default().documented(true).start().unwrap();
    let caller = Caller::new(&emulator);
    let (access, refresh) = caller.tokens().await;
    for token in [&access, "no.token.atall"] {
        assert_eq!(caller.refresh(Some(token)).await, unauthorized());
    }
    assert_eq!(caller.refresh(Some(&refresh)).await.0, 200);
}

#[tokio::test]
async fn another_method_is_refused_with_those_that_are_not() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/api/login/", emulator.url());
    let response = reqwest::get(url).await.unwrap();
    assert_eq!(response.status().as_u16(), 405);
    assert_eq!(response.headers()["allow"], "POST");
}

#[tokio::test]
async fn logout_answers_as_documented_and_ends_both_tokens() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::new(&emulator);
    let (access, refresh) = caller.tokens().await;
    let (other, _) = caller.tokens().await;
    let expected = r#"{
        "data": {}, "error": "", "message": "User logged out successfully!", "metadata": {}, "status": 200
    }"#;
    let expected: Value = serde_json::from_str(expected).unwrap();
    let logout = caller.call("POST", "/api/logout/", Some(&access)).await;
    assert_eq!(logout, (200, expected));

    assert_eq!(
        caller.call("POST", "/api/logout/", Some(&access)).await,
        unauthorized()
    );
    assert_eq!(caller.refresh(Some(&refresh)).await, unauthorized());
    assert_eq!(caller.user(Some(&access)).await, unauthorized());
    assert_eq!(
        caller.user(Some(&other)).await.0,
        200,
        "another session goes on"
    );
}

#[tokio::test]
async fn access_tokens_live_a_week_after_a_login_and_a_day_after_a_refresh() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::new(&emulator);
    let (access, refresh) = caller.tokens().await;
    emulator.advance(7 * DAY - Duration::from_secs(60));
    assert_eq!(caller.user(Some(&access)).await.0, 200);
    emulator.advance(Duration::from_secs(60));
    assert_eq!(caller.user(Some(&access)).await, unauthorized());

    let (_, body) = caller.refresh(Some(&refresh)).await;
    let renewed = body["data"]["token"].as_str().unwrap();
    emulator.advance(DAY - Duration::from_secs(60));
    assert_eq!(caller.user(Some(renewed)).await.0, 200);
    emulator.advance(Duration::from_secs(60));
    assert_eq!(caller.user(Some(renewed)).await, unauthorized());
    emulator.rewind(DAY);
    assert_eq!(caller.user(Some(renewed)).await.0, 200);
}

#[tokio::test]
async fn a_token_has_the_claims_that_the_real_ones_were_seen_with() {
    let emulator = Emulator::start().unwrap();
    let (access, refresh) = Caller::new(&emulator).tokens().await;
    let part = |token: &str, i: usize| -> Value {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(i).unwrap());
        serde_json::from_slice(&bytes.unwrap()).unwrap()
    };
    for (token, kind, days) in [(&access, "access", 7), (&refresh, "refresh", 30)] {
        assert_eq!(part(token, 0), json!({"typ": "JWT", "alg": "HS256"}));
        let mut claims = part(token, 1);
        assert_eq!(claims["identity"], "user@example.com");
        assert_eq!(claims["type"], kind);
        assert_eq!(claims["nbf"], claims["iat"]);
        let [iat, exp] = ["iat", "exp"].map(|name| claims[name].as_u64().unwrap());
        assert_eq!(exp - iat, days * 24 * 60 * 60);
        assert_eq!(claims["jti"].as_str().unwrap().len(), 36);
        let claims = claims.as_object_mut().unwrap();
        assert_eq!(
            claims.remove("fresh"),
            (kind == "access").then_some(json!(true))
        );
        // Of no real one, but this one knows customers apart by it.
        assert_eq!(claims.remove("customer_id"), Some(json!("customer1")));
        assert_eq!(claims.len(), 6);
    }
}

#[tokio::test]
async fn both_secure_apis_answer_and_are_counted_apart() {
    let emulator = Emulator::start().unwrap();
    let caller = Caller::new(&emulator);
    let (access, refresh) = caller.tokens().await;
    let (status, body) = caller.user(Some(&access)).await;
    assert_eq!(
        (status, body["data"]["email"].as_str()),
        (200, Some("user@example.com"))
    );
    let (status, body) = caller
        .call("GET", "/api/collection/list", Some(&access))
        .await;
    assert!(status == 200 && body["data"].is_array());
    assert_eq!(caller.user(Some(&refresh)).await.0, 422);
    assert_eq!(caller.user(None).await, unauthorized());
    assert_eq!(emulator.calls(Operation::User), 3);
    assert_eq!(emulator.calls(Operation::Collections), 1);
}

#[tokio::test]
async fn rotation_ends_the_refresh_token_that_was_used() {
    for rotation in [false, true] {
        let emulator = Settings::default().rotation(rotation).start().unwrap();
        let caller = Caller::new(&emulator);
        let (_, refresh) = caller.tokens().await;
        let (_, body) = caller.refresh(Some(&refresh)).await;
        assert_eq!(body["data"]["refresh_token"] != refresh.as_str(), rotation);
        let again = caller.refresh(Some(&refresh)).await.0;
        assert_eq!(again, if rotation { 401 } else { 200 });
    }
}

#[tokio::test]
async fn the_answers_of_2022_carry_an_error_list_on_successes() {
    for (shape, has_list) in [(Shape::Y2021, false), (Shape::Y2022, true)] {
        let emulator = Settings::default().shape(shape).start().unwrap();
        let caller = Caller::new(&emulator);
        let success: Value = caller
            .login("correct horse battery staple")
            .await
            .json()
            .await
            .unwrap();
        assert_eq!(
            success.get("error_list"),
            has_list.then(|| json!([])).as_ref()
        );
        let failure: Value = caller.login("wrong").await.json().await.unwrap();
        assert_eq!(failure.get("error_list"), None);
    }
}

#[tokio::test]
async fn a_tenant_is_a_part_of_every_path() {
    let emulator = Settings::default()
        .tenant("prancer-customer1")
        .start()
        .unwrap();
    let caller = Caller::new(&emulator);
    assert_eq!(
        caller.login("correct horse battery staple").await.status(),
        200
    );
    let without = Caller {
        root: emulator.url(),
        ..caller
    };
    assert_eq!(
        without.login("correct horse battery staple").await.status(),
        404
    );
}

#[test]
fn a_tenant_that_is_no_segment_of_a_path_is_refused() {
    for tenant in ["", "a/b", "{a}", "*"] {
        assert!(
            Settings::default().tenant(tenant).start().is_err(),
            "{tenant}"
        );
    }
}

#[tokio::test]
async fn trailing_slashes_matter() {
    let emulator = Emulator::start().unwrap();
    for path in ["/api/login", "/api/collection/list/", "/api/user/get"] {
        let response = reqwest::get(format!("{}{path}", emulator.url()))
            .await
            .unwrap();
        assert_eq!(response.status(), 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_login_is_refused_and_nothing_breaks() {
    let emulator = Emulator::start().unwrap();
    let url = format!("{}/api/login/", emulator.url());
    for body in [
        "",
        "{}",
        "[]",
        "{\"email\": 1}",
        "\u{0}",
        "{\"email\": \"\\ud800\"}",
    ] {
        let response = reqwest::Client::new()
            .post(&url)
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 400, "{body:?}");
    }
    let response = reqwest::Client::new()
        .post(&url)
        .body(vec![0xff, 0xfe])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
}

#[test]
fn it_ends_with_its_handle() {
    let emulator = Emulator::start().unwrap();
    let address = emulator.url().replace("http://", "");
    assert!(std::net::TcpStream::connect(&address).is_ok());
    drop(emulator);
    assert!(std::net::TcpStream::connect(&address).is_err());
}
