//! What is rarer than a request and its envelope: all pages of a list, a form with files, a service of tower.
//!
//! ```console
//! $ cargo run --example shapes
//! 7 messages on 3 pages
//! the form was sent: 404 Not Found
//! the service answered: 200 OK
//! ```

use prancer_auth::reqwest::{Client, Method, Request, Url, multipart};
use prancer_auth::{Credentials, Envelope, Error, Portal, Session};
use tower::{Service, ServiceBuilder, ServiceExt as _};

#[derive(serde::Deserialize)]
struct Log {
    message: String,
}

/// All pages of a list, which says itself where it goes on.
async fn messages(session: &Session) -> Result<(usize, Vec<String>), Error> {
    let (mut pages, mut messages, mut index) = (0, Vec::new(), 0);
    // The last page says -1; one that leads back would have no end.
    loop {
        let request = session.get("logs/");
        let request = request.query(&[("index", index), ("count", 3)]);
        let page: Envelope<Vec<Log>> = request.envelope().await?;
        pages += 1;
        let logs = page.data.unwrap_or_default();
        messages.extend(logs.into_iter().map(|log| log.message));
        match page.metadata["next_index"].as_i64() {
            Some(next) if next > index => index = next,
            _ => return Ok((pages, messages)),
        }
    }
}

/// A form with files. Its body is a stream, so it is not sent again when the portal rejects the token.
async fn upload(session: &Session, url: &str) -> Result<String, Box<dyn std::error::Error>> {
    let report = multipart::Part::text("all is well").file_name("report.txt");
    let form = multipart::Form::new().part("report", report);
    let request = Client::new().post(url).multipart(form).build()?;
    let response = session.execute(request).await?;
    Ok(response.status().to_string())
}

/// A service that other layers wrap: limits, retries, metrics.
async fn serve(session: Session, url: &str) -> Result<String, Box<dyn std::error::Error>> {
    let send = move |request| {
        let session = session.clone();
        async move { session.execute(request).await }
    };
    let service = ServiceBuilder::new().concurrency_limit(4);
    let mut service = service.service_fn(send);
    let request = Request::new(Method::GET, Url::parse(url)?);
    let response = service.ready().await?.call(request).await?;
    Ok(response.status().to_string())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let emulator = prancer_auth_emulator::Emulator::start()?;
    let url = emulator.url();
    let credentials = Credentials::new(
        "user@example.com",
        emulator.user().password.clone(),
        "customer1",
    );
    let session = Session::builder(Portal::new(&url)?)
        .credentials(credentials)
        .build()?;
    let (pages, messages) = messages(&session).await?;
    println!("{} messages on {pages} pages", messages.len());
    let status = upload(&session, &format!("{url}/api/reports/")).await?;
    println!("the form was sent: {status}");
    let status = serve(session, &format!("{url}/api/user/get/")).await?;
    println!("the service answered: {status}");
    Ok(())
}
