//! What the portal answered, as it came: printed or saved piece by piece.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};

use prancer_auth::Envelope;
use reqwest::{Response, Version};
use serde_json::Value;

use super::{Api, Call, cut_short, failed};
use crate::failure::Failure;
use crate::output;
use crate::plain_text;

/// What is longer is no envelope, and is not made readable on a terminal.
const LONGEST_ENVELOPE: usize = 4 * 1024 * 1024;

pub(super) async fn print(
    arguments: &Api,
    call: &Call,
    mut response: Response,
) -> Result<(), Failure> {
    let mut sink = Sink::of(arguments)?;
    if arguments.include {
        let head = head(&response);
        match io::stdout().is_terminal() {
            true => output::raw(&plain_text::lines(&head))?,
            false => output::raw(&head)?,
        }
    }
    // Where it is not printed as it came, it is read first, as far as it can be an envelope.
    let waits = arguments.data || (io::stdout().is_terminal() && arguments.output.is_none());
    let (mut read, mut whole) = (Vec::new(), true);
    while let Some(piece) = response.chunk().await.map_err(cut_short)? {
        if whole && read.len() + piece.len() <= LONGEST_ENVELOPE {
            read.extend_from_slice(&piece);
            if waits {
                continue;
            }
        } else if whole {
            whole = false;
            let before = std::mem::take(&mut read);
            if waits {
                sink.write(&before)?;
            }
        }
        sink.write(&piece)?;
    }
    let envelope = serde_json::from_slice::<Envelope>(&read)
        .ok()
        .filter(|_| whole);
    let failure = failed(call, response.status(), envelope.as_ref());
    if waits && whole {
        let data = envelope.and_then(|it| it.data);
        match data.filter(|_| arguments.data && failure.is_none()) {
            Some(data) => output::value(&data)?,
            None => shown(&read)?,
        }
    }
    failure.map_or(Ok(()), Err)
}

/// What the portal sent, to standard output: on a terminal, JSON on many lines, and nothing that a terminal would obey.
pub(super) fn shown(body: &[u8]) -> Result<(), Failure> {
    if !io::stdout().is_terminal() {
        return output::raw(body);
    }
    if body.is_empty() {
        return Ok(());
    }
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        return output::value(&json);
    }
    output::print(&plain_text::lines(body))
}

/// The status line and the headers, as curl prints them.
fn head(response: &Response) -> Vec<u8> {
    let version = match response.version() {
        Version::HTTP_2 => "HTTP/2".to_owned(),
        other => format!("{other:?}"),
    };
    let status = response.status();
    // One that nobody has named has no more than its number.
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("{version} {} {reason}\r\n", status.as_u16()).into_bytes();
    for (name, value) in response.headers() {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Where an answer goes.
enum Sink {
    Stdout,
    Terminal,
    File(File, String),
}

impl Sink {
    fn of(arguments: &Api) -> Result<Self, Failure> {
        Ok(match &arguments.output {
            Some(path) => {
                let name = path.display().to_string();
                let file = File::create(path);
                let file =
                    file.map_err(|error| Failure::new(format!("cannot write {name}"), &error))?;
                Self::File(file, name)
            }
            None if io::stdout().is_terminal() => Self::Terminal,
            None => Self::Stdout,
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Stdout => output::raw(bytes),
            Self::Terminal => output::raw(&plain_text::lines(bytes)),
            Self::File(file, name) => file
                .write_all(bytes)
                .map_err(|error| Failure::new(format!("cannot write {name}"), &error)),
        }
    }
}
