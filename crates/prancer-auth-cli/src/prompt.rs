//! Questions to a person, asked on standard error.

use std::io::{self, IsTerminal as _, Write as _};

use prancer_auth::Password;

use crate::exit::Exit;
use crate::failure::Failure;

/// Asks for a line of text; fails where there is no terminal, naming the option to give instead.
pub(crate) fn text(question: &str, option: &str) -> Result<String, Failure> {
    if !io::stdin().is_terminal() {
        return Err(missing(question, option));
    }
    // Not locked while it waits: what ends the process by a signal writes there, too.
    write!(io::stderr(), "{question}: ").map_err(unanswered)?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(unanswered)?;
    match line.trim() {
        "" => Err(missing(question, option)),
        answer => Ok(answer.to_owned()),
    }
}

/// Asks for a password, which is not shown.
pub(crate) fn password() -> Result<Password, Failure> {
    let option = "--password-stdin, or PRANCER_PASSWORD in the environment";
    if !io::stdin().is_terminal() {
        return Err(missing("Password", option));
    }
    let password = rpassword::prompt_password("Password: ");
    match password.map_err(unanswered)? {
        password if password.is_empty() => Err(missing("Password", option)),
        password => Ok(password.into()),
    }
}

/// The password on the first line of standard input.
pub(crate) fn password_from_stdin() -> Result<Password, Failure> {
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map_err(|error| Failure::new("cannot read the password", &error))?;
    match line.trim_end_matches(['\r', '\n']) {
        "" => Err(Failure::plain(
            Exit::Usage,
            "there is no password on standard input",
        )),
        password => Ok(password.into()),
    }
}

fn unanswered(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::Interrupted => Failure::plain(Exit::Interrupted, "interrupted"),
        _ => Failure::new("cannot ask", &error),
    }
}

fn missing(what: &str, option: &str) -> Failure {
    let what = what.to_lowercase();
    Failure::plain(
        Exit::Usage,
        format!("the {what} is missing; give it with {option}"),
    )
}
