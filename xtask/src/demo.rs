//! `cargo xtask demo`: a whole session against a portal in a box, through the real command.

mod cast;

use std::fs;

use anstyle::{AnsiColor, Style};
use anyhow::{Result, ensure};
use cast::{Person, Said};

use crate::emulator::{self, CUSTOMER_ID, EMAIL, Emulator, PASSWORD};
use crate::workspace::Workspace;

const BOLD: Style = Style::new().bold();
const COMMAND: Style = AnsiColor::Cyan.on_default();
const GOOD: Style = AnsiColor::Green.on_default();

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let binaries = emulator::binaries(workspace)?;
    let mut step = 0;
    let mut tell = |sentence: &str| {
        step += 1;
        anstream::println!("\n{BOLD}{step}. {sentence}{BOLD:#}");
    };

    tell("A portal in a box starts, on this machine.");
    let mut emulator = Emulator::start(&binaries, &[])?;
    show("prancer-auth-emulator --commands", &emulator.url);
    let person = Person::new(&binaries)?;
    let says = |arguments: &[&str], input: &str| -> Result<Said> {
        let said = person.says(arguments, input)?;
        show(&format!("prancer-auth {}", arguments.join(" ")), &said.text);
        Ok(said)
    };

    tell("A person logs in once. The password comes from standard input, not from an argument.");
    let url = emulator.url.clone();
    let login = [
        "login",
        "--portal",
        &url,
        "--email",
        EMAIL,
        "--customer-id",
        CUSTOMER_ID,
    ];
    let said = says(&[&login[..], &["--password-stdin"]].concat(), PASSWORD)?;
    ensure!(said.code == 0, "the login failed");

    tell("Who is logged in, where, for how long? A login's token lives 7 days.");
    let said = says(&["status"], "")?;
    ensure!(
        said.code == 0 && said.text.contains("6days 23h"),
        "no status of a fresh login"
    );
    ensure!(!said.text.contains("eyJ"), "the status shows a token");

    tell("A call to a secure API carries the token by itself.");
    let said = says(&["api", "GET", "user/get/"], "")?;
    ensure!(
        said.code == 0 && said.text.contains(EMAIL),
        "the call failed"
    );

    tell("Eight days pass at the portal: the access token has expired.");
    show(
        "advance 8d   (typed into the emulator)",
        &emulator.type_in("advance 8d")?,
    );

    tell(
        "The same call again: refused, renewed with the refresh token and repeated, behind the scenes.",
    );
    let said = says(&["api", "GET", "user/get/"], "")?;
    ensure!(
        said.code == 0 && said.text.contains(EMAIL),
        "the call was not repeated"
    );
    let said = says(&["status"], "")?;
    ensure!(said.text.contains("for 23h"), "the token was not renewed");

    tell("Somebody copies the session file; then the person logs out.");
    let stolen = fs::read(person.session_file())?;
    let said = says(&["logout"], "")?;
    ensure!(said.code == 0, "the logout failed");
    ensure!(
        !fs::read_to_string(person.session_file())?.contains("eyJ"),
        "a token is still in the session file"
    );

    tell("The copied refresh token is worth nothing any more.");
    let thief = Person::new(&binaries)?;
    thief.put_session(&stolen)?;
    let said = thief.says(&["refresh"], "")?;
    show("prancer-auth refresh   (with the copied file)", &said.text);
    let refused = said.code == 4 && said.text.contains("the session has expired");
    ensure!(refused, "the copied refresh token was not refused");

    emulator.stop()?;
    anstream::println!("\n{GOOD}Every step did what it says.{GOOD:#}");
    Ok(())
}

fn show(command: &str, text: &str) {
    anstream::println!("   {COMMAND}$ {command}{COMMAND:#}");
    for line in text.trim_end().lines() {
        anstream::println!("   {line}");
    }
}
