//! What a command prints: its result on standard output, all else on standard error.

use std::fmt;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;

use crate::colour;
use crate::failure::Failure;
use crate::plain_text;

/// Prints bytes and ends them with a line break.
pub(crate) fn print(result: &[u8]) -> Result<(), Failure> {
    let end: &[u8] = if result.ends_with(b"\n") { b"" } else { b"\n" };
    raw(result)?;
    raw(end)
}

/// Prints bytes as they are. A reader that has gone is no failure.
pub(crate) fn raw(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new("cannot print", &error))
        }
        _ => Ok(()),
    }
}

/// Prints a result as JSON.
pub(crate) fn json(result: &impl Serialize) -> Result<(), Failure> {
    let json =
        serde_json::to_value(result).map_err(|error| Failure::new("cannot print", &error))?;
    value(&json)
}

/// Prints JSON: for people on a terminal, with colours where they are wanted; else on one line.
pub(crate) fn value(value: &Value) -> Result<(), Failure> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return print(value.to_string().as_bytes());
    }
    let choice = anstream::AutoStream::choice(&stdout);
    let text = if choice == anstream::ColorChoice::Never {
        serde_json::to_string_pretty(value)
    } else {
        colour::json(value)
    };
    let text = text.unwrap_or_else(|_| value.to_string());
    print(plain_text::json(&text).as_bytes())
}

/// Says something that is no result on standard error; one that is full or closed is no failure.
pub(crate) fn say(text: impl fmt::Display) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// A moment as RFC 3339 has it.
pub(crate) fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
