//! What a command prints as its result, on standard output.

use std::io::{self, Write as _};

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
