//! What a command prints as its result, on standard output.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::SystemTime;

use serde::Serialize;
use serde_json::Value;

use crate::colour;
use crate::failure::Failure;

/// Prints bytes and ends them with a line break. A reader that has gone is no failure.
pub(crate) fn print(result: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    let end: &[u8] = if result.ends_with(b"\n") { b"" } else { b"\n" };
    let written = stdout
        .write_all(result)
        .and_then(|()| stdout.write_all(end))
        .and_then(|()| stdout.flush());
    match written {
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
    print(text.unwrap_or_else(|_| value.to_string()).as_bytes())
}

/// Prints what the portal sent: as it is, but on a terminal for people.
pub(crate) fn body(body: &[u8]) -> Result<(), Failure> {
    match serde_json::from_slice(body) {
        Ok(json) if io::stdout().is_terminal() => value(&json),
        _ => print(body),
    }
}

/// A moment as RFC 3339 has it.
pub(crate) fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
