//! `prancer-auth api [METHOD] PATH`

mod answer;
mod body;
mod pages;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use prancer_auth::{Envelope, Error};
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode};

use crate::ahead;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::options::duration;
use crate::session::{self, OpenSession};
use crate::settings::Settings;
use crate::spinner;
use body::Body;

#[derive(Args)]
#[command(allow_missing_positional = true)]
#[command(after_help = "Examples:\n  \
    prancer-auth api user/get/ --data\n  \
    prancer-auth api 'logs/?count=100' --paginate\n  \
    prancer-auth api collection/create -f name=azure -f owner=me\n  \
    prancer-auth api PUT files/upload --input report.zip -H 'Content-Type: application/zip'\n  \
    prancer-auth api report/pdf --output report.pdf")]
pub(crate) struct Api {
    /// GET, POST, ... [default: GET, or POST if there is a body]
    #[arg(value_parser = method)]
    method: Option<Method>,
    /// Path below /api/, such as user/get/, or starting with /, such as /api/user/get/
    path: String,
    /// Add a string field to the JSON body (repeatable)
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// Request body, usually JSON; @FILE reads it from a file, @- from standard input
    #[arg(short = 'd', long, value_name = "BODY", conflicts_with = "fields")]
    body: Option<String>,
    /// Stream the request body from a file; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["body", "fields"])]
    input: Option<PathBuf>,
    /// Add a header (repeatable)
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Add a query parameter (repeatable)
    #[arg(long = "query", value_name = "NAME=VALUE", value_parser = pair)]
    query: Vec<(String, String)>,
    /// Write the response to a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the status line and headers as well
    #[arg(short, long)]
    include: bool,
    /// Print only the `data` of the response
    #[arg(long, conflicts_with = "output")]
    data: bool,
    /// Follow `next_index` and print the data of all pages as one list; starts at the index you give
    #[arg(long, conflicts_with_all = ["include", "data", "input", "output"])]
    paginate: bool,
    /// Time limit for the whole request
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = duration)]
    timeout: Duration,
}

/// A request that can be made again.
struct Call {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    body: Body,
}

pub(crate) async fn run(settings: &Settings, arguments: Api) -> Result<(), Failure> {
    let body = Body::of(&arguments)?;
    let method = match &arguments.method {
        Some(method) => method.clone(),
        None if body.is_none() => Method::GET,
        None => Method::POST,
    };
    let call = Call {
        method,
        path: arguments.path.clone(),
        query: arguments.query.clone(),
        body,
    };
    let open = OpenSession::open(settings).await?;
    if arguments.paginate {
        pages::print(settings, &open, &arguments, call).await?;
    } else {
        let response = send(settings, &open, &arguments, &call).await?;
        answer::print(&arguments, &call, response).await?;
    }
    open.saved()?;
    ahead::begin(settings, &open);
    Ok(())
}

/// Sends the request, and once more where the portal rejected the token and the body could be read anew.
async fn send(
    settings: &Settings,
    open: &OpenSession,
    arguments: &Api,
    call: &Call,
) -> Result<Response, Failure> {
    let sent = async {
        let response = once(open, arguments, call).await?;
        let again = response.status() == StatusCode::UNAUTHORIZED && call.body.is_file();
        let response = if again {
            once(open, arguments, call).await?
        } else {
            response
        };
        session::settled(&open.session).await?;
        Ok(response)
    };
    spinner::wait("Waiting for the portal", settings.quiet, sent).await
}

async fn once(open: &OpenSession, arguments: &Api, call: &Call) -> Result<Response, Failure> {
    let session = &open.session;
    let mut request = session
        .request(call.method.clone(), &call.path)
        .timeout(arguments.timeout)
        .headers(arguments.headers.iter().cloned().collect());
    if !call.query.is_empty() {
        request = request.query(&call.query);
    }
    if !call.body.is_none() {
        let named = arguments.headers.iter();
        if !named.into_iter().any(|(name, _)| name == CONTENT_TYPE) {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        request = call.body.put_on(request).await?;
    }
    match request.send().await {
        Err(Error::Unreachable(error)) if error.is_timeout() && !error.is_connect() => {
            Err(too_late(open, call, arguments.timeout))
        }
        sent => Ok(sent?),
    }
}

/// The time that the caller gave was too short, or the portal is silent.
fn too_late(open: &OpenSession, call: &Call, timeout: Duration) -> Failure {
    let portal = open.session.portal();
    let path = call.path.split(['?', '#']).next().unwrap_or_default();
    let url = match path.strip_prefix('/') {
        Some(path) => format!("{portal}{path}"),
        None if path.contains("://") => path.to_owned(),
        None => format!("{portal}api/{path}"),
    };
    let time = humantime::format_duration(timeout);
    let text = format!("{} {url}: no response within {time}", call.method);
    Failure::plain(Exit::Unreachable, text).next("give it more time with --timeout")
}

/// What went wrong, if the portal says that something did.
fn failed(call: &Call, status: StatusCode, envelope: Option<&Envelope>) -> Option<Failure> {
    if status.is_success() && !envelope.is_some_and(Envelope::is_failure) {
        return None;
    }
    let Call { method, path, .. } = call;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let said = envelope.map(|it| it.message.as_str()).unwrap_or_default();
    let said = if said.is_empty() {
        ""
    } else {
        &format!(": {}", session::without_tokens(said))
    };
    let text = format!(
        "{method} {path} failed (HTTP status {}){said}",
        status.as_u16()
    );
    Some(match status {
        StatusCode::UNAUTHORIZED => Failure::login_needed(text),
        status if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() => {
            Failure::plain(Exit::Unreachable, text).next("try again later")
        }
        StatusCode::FORBIDDEN => Failure::plain(Exit::Failed, text)
            .next("check who is logged in")
            .next_command("status"),
        status if status.is_redirection() => Failure::plain(Exit::Failed, text)
            .next("see where it leads (--include), and check the path"),
        StatusCode::NOT_FOUND => Failure::plain(Exit::Failed, text)
            .next("check the path (most end in /) and the tenant")
            .next_command("status"),
        _ => Failure::plain(Exit::Failed, text),
    })
}

/// The answer ended before its end.
fn cut_short(error: reqwest::Error) -> Failure {
    let next = match error.is_timeout() {
        true => "give it more time with --timeout",
        false => "try again",
    };
    Failure::new("the response was cut short", &error.without_url()).next(next)
}

/// Servers tell capitals from small letters; people do not.
fn method(text: &str) -> Result<Method, String> {
    let method = text.to_ascii_uppercase().parse();
    method.map_err(|_| "expected a method such as GET".to_owned())
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
