//! The interactive reference that the emulator's binary serves.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use reqwest::Response;
use serde_json::{Value, json};

use crate::binary::binary;

/// The emulator's binary, which dies with this.
struct Docs {
    child: Child,
    url: String,
}

impl Docs {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(binary("prancer-auth-emulator"));
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        Self { child, url }
    }

    async fn get(&self, path: &str) -> Response {
        let response = reqwest::get(format!("{}{path}", self.url)).await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response
    }
}

impl Drop for Docs {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What comes after each `mark` up to the next quotation mark.
fn quoted<'a>(text: &'a str, mark: &str) -> Vec<&'a str> {
    let rest = text.split(mark).skip(1);
    rest.map(|it| it.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn the_page_is_there_with_all_that_it_needs() {
    let docs = Docs::start(&[]);
    let response = docs.get("/docs").await;
    assert_eq!(response.url().path(), "/docs/", "where its assets are");
    let page = response.text().await.unwrap();
    let assets = [quoted(&page, "src=\""), quoted(&page, "href=\"")].concat();
    assert_eq!(assets.len(), 7, "{assets:?}");
    for asset in assets {
        let path = asset.strip_prefix("./").unwrap_or(asset);
        docs.get(&format!("/docs/{path}")).await;
    }
    let script = docs.get("/docs/swagger-initializer.js").await;
    let script = script.text().await.unwrap();
    for setting in [
        r#""url": "/docs/openapi.json""#,
        r#""tryItOutEnabled": true"#,
        r#""validatorUrl": "none""#,
        r#""persistAuthorization": false"#,
    ] {
        assert!(script.contains(setting), "{setting} in {script}");
    }
}

#[tokio::test]
async fn the_document_is_the_repositorys_with_the_emulator_as_its_server() {
    let written = include_str!("../../openapi/prancer-auth.yaml");
    let written: Value = serde_saphyr::from_str(written).unwrap();
    for (arguments, server) in [(&[][..], "/"), (&["--tenant", "t"], "/t")] {
        let docs = Docs::start(arguments);
        let mut served: Value = docs.get("/docs/openapi.json").await.json().await.unwrap();
        assert_eq!(served["servers"].as_array().unwrap().len(), 1);
        assert_eq!(served["servers"][0]["url"], json!(server));
        served["servers"] = written["servers"].clone();
        assert_eq!(served, written);
    }
}

#[tokio::test]
async fn the_paths_keep_the_order_in_which_they_are_written() {
    let docs = Docs::start(&[]);
    let served = docs.get("/docs/openapi.json").await.text().await.unwrap();
    let at = |path: &str| served.find(path).unwrap();
    assert!(at("/api/login/") < at("/api/refresh/token/"));
    assert!(at("/api/refresh/token/") < at("/api/logout/"));
}
