//! `prancer-auth api [METHOD] PATH`

mod answer;
mod body;
mod pages;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use prancer_auth::Envelope;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode};

use crate::ahead;
use crate::arguments::duration;
use crate::exit::Exit;
use crate::failure::Failure;
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
    /// GET, POST, ... [default: GET, and POST with a body]
    method: Option<Method>,
    /// Below /api/, such as user/get/; or from / on, such as /api/user/get/
    path: String,
    /// A member of a JSON body, a text; may be given several times
    #[arg(short = 'f', long = "field", value_name = "KEY=VALUE", value_parser = pair)]
    fields: Vec<(String, String)>,
    /// The body, JSON as a rule; @FILE reads it from a file, @- from standard input
    #[arg(short = 'd', long, value_name = "BODY", conflicts_with = "fields")]
    body: Option<String>,
    /// A file to send as the body, piece by piece; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["body", "fields"])]
    input: Option<PathBuf>,
    /// A header, may be given several times
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(HeaderName, HeaderValue)>,
    /// A part of the query, may be given several times
    #[arg(long = "query", value_name = "NAME=VALUE", value_parser = pair)]
    query: Vec<(String, String)>,
    /// Write the answer into a file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the status line and the headers, too
    #[arg(short, long)]
    include: bool,
    /// Print the envelope's data alone
    #[arg(long, conflicts_with = "output")]
    data: bool,
    /// Follow next_index, and print the data of all pages as one list; an index of yours is where it begins
    #[arg(long, conflicts_with_all = ["include", "data", "input", "output"])]
    paginate: bool,
    /// How long the portal may take; its reports take minutes
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
    Ok(request.send().await?)
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
        StatusCode::FORBIDDEN => {
            Failure::plain(Exit::Failed, text).next("check who is logged in: prancer-auth status")
        }
        status if status.is_redirection() => Failure::plain(Exit::Failed, text)
            .next("see where it leads (--include), and check the path"),
        StatusCode::NOT_FOUND => Failure::plain(Exit::Failed, text)
            .next("check the path: most end in /, and the tenant: prancer-auth status"),
        _ => Failure::plain(Exit::Failed, text),
    })
}

/// The answer ended before its end.
fn cut_short(error: reqwest::Error) -> Failure {
    Failure::new("the answer was cut short", &error.without_url()).next("try again")
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
