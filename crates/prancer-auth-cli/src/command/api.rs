//! `prancer-auth api METHOD PATH`

use std::fs;
use std::io::{self, Read as _};
use std::time::Duration;

use clap::Args;
use prancer_auth::Envelope;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::arguments::duration;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keeper::Keeper;
use crate::output;
use crate::settings::Settings;
use crate::spinner;

/// How many pages are followed: more than any list has.
const PAGES: usize = 10_000;

#[derive(Args)]
pub(crate) struct Api {
    /// GET, POST, ...
    method: Method,
    /// Below /api/, such as user/get/; or from / on, such as /api/user/get/
    path: String,
    /// The body, JSON as a rule; @FILE reads it from a file, @- from standard input
    #[arg(short = 'd', long, value_name = "BODY")]
    body: Option<String>,
    /// A header, may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// A part of the query, may be given several times
    #[arg(long = "query", value_name = "NAME=VALUE", value_parser = pair)]
    query: Vec<(String, String)>,
    /// Print the status and the headers, too
    #[arg(short, long)]
    include: bool,
    /// Print the envelope's data alone
    #[arg(long)]
    data: bool,
    /// Follow next_index, and print the data of all pages as one list
    #[arg(long, conflicts_with_all = ["include", "data"])]
    paginate: bool,
    /// How long the portal may take; its reports take minutes
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    timeout: Duration,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

pub(crate) async fn run(settings: &Settings, arguments: Api) -> Result<(), Failure> {
    let body = arguments.body.as_deref().map(body).transpose()?;
    let keeper = Keeper::open(settings).await?;
    if arguments.paginate {
        return paginate(settings, &keeper, &arguments, body.as_deref()).await;
    }
    let answer = ask(settings, &keeper, &arguments, body.as_deref(), &[]).await?;
    if arguments.include {
        let mut head = format!("HTTP {}\n", answer.status);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes()));
        }
        output::print(head.as_bytes())?;
    }
    let envelope = serde_json::from_slice::<Envelope>(&answer.body).ok();
    let failure = refused(&arguments, answer.status, envelope.as_ref());
    match envelope
        .and_then(|it| it.data)
        .filter(|_| arguments.data && failure.is_none())
    {
        Some(data) => output::value(&data)?,
        None => output::body(&answer.body)?,
    }
    failure.map_or(Ok(()), Err)
}

async fn paginate(
    settings: &Settings,
    keeper: &Keeper,
    arguments: &Api,
    body: Option<&[u8]>,
) -> Result<(), Failure> {
    let (mut all, mut index) = (Vec::new(), None);
    for _ in 0..PAGES {
        let next: Vec<_> = index
            .iter()
            .map(|index: &String| ("index", index.as_str()))
            .collect();
        let answer = ask(settings, keeper, arguments, body, &next).await?;
        let envelope = serde_json::from_slice::<Envelope>(&answer.body).ok();
        if let Some(failure) = refused(arguments, answer.status, envelope.as_ref()) {
            output::body(&answer.body)?;
            return Err(failure);
        }
        let Some(envelope) = envelope else {
            return Err(Failure::plain(
                Exit::Failed,
                "the answer has no pages: it is no envelope",
            ));
        };
        match envelope.data {
            Some(Value::Array(items)) => all.extend(items),
            Some(other) => all.push(other),
            None => {}
        }
        let following = match envelope.metadata.get("next_index") {
            Some(Value::Number(number)) if number.as_i64() != Some(-1) => Some(number.to_string()),
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        if following.is_none() || following == index {
            break;
        }
        index = following;
    }
    output::value(&Value::Array(all))
}

async fn ask(
    settings: &Settings,
    keeper: &Keeper,
    arguments: &Api,
    body: Option<&[u8]>,
    next: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let session = &keeper.session;
    let mut request = session
        .request(arguments.method.clone(), &arguments.path)
        .timeout(arguments.timeout)
        .headers(arguments.headers.iter().cloned().collect());
    if !arguments.query.is_empty() {
        request = request.query(&arguments.query);
    }
    if !next.is_empty() {
        request = request.query(next);
    }
    if let Some(body) = body {
        if !arguments
            .headers
            .iter()
            .any(|(name, _)| name == CONTENT_TYPE)
        {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request = request.body(body.to_vec());
    }
    let call = async {
        let response = request.send().await;
        session.settled().await?;
        response
    };
    let response = spinner::wait("Waiting for the portal", settings.quiet, call).await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let body = response.bytes().await;
    let body = body.map_err(|error| Failure::new("the answer was cut short", &error))?;
    Ok(Answer {
        status,
        headers,
        body: body.to_vec(),
    })
}

/// What went wrong, if the portal says that something did.
fn refused(arguments: &Api, status: StatusCode, envelope: Option<&Envelope>) -> Option<Failure> {
    if status.is_success() && !envelope.is_some_and(Envelope::is_failure) {
        return None;
    }
    let Api { method, path, .. } = arguments;
    let said = envelope.map(|it| it.message.as_str()).unwrap_or_default();
    let said = if said.is_empty() {
        ""
    } else {
        &format!(": {said}")
    };
    let text = format!(
        "{method} {path} failed (HTTP status {}){said}",
        status.as_u16()
    );
    let exit = match status {
        StatusCode::UNAUTHORIZED => Exit::Login,
        StatusCode::TOO_MANY_REQUESTS => Exit::Unreachable,
        status if status.is_server_error() => Exit::Unreachable,
        _ => Exit::Failed,
    };
    Some(Failure::plain(exit, text))
}

fn body(text: &str) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| Failure::new(format!("cannot read {text}"), &error);
    match text.strip_prefix('@') {
        Some("-") => {
            let mut body = Vec::new();
            io::stdin().read_to_end(&mut body).map_err(failed)?;
            Ok(body)
        }
        Some(file) => fs::read(file).map_err(failed),
        None => Ok(text.as_bytes().to_vec()),
    }
}

fn header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME: VALUE")?;
    let name = HeaderName::try_from(name.trim()).map_err(|error| error.to_string())?;
    let value = HeaderValue::try_from(value.trim()).map_err(|error| error.to_string())?;
    Ok((name, value))
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
