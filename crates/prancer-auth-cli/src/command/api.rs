//! `prancer-auth api METHOD PATH`

use std::io::{self, Write as _};

use prancer_auth::Envelope;

use crate::arguments::{Api, Place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keeper::Keeper;

pub(crate) async fn run(place: &Place, arguments: &Api) -> Result<(), Failure> {
    let keeper = Keeper::open(place)?;
    let Api { method, path } = arguments;
    let response = keeper.session.request(method.clone(), path).send().await;
    keeper.keep_or_warn().await;

    let response = response?;
    let status = response.status();
    let body = response.bytes().await;
    let body = body.map_err(|error| Failure::new("the answer was cut short", &error))?;
    let mut stdout = io::stdout().lock();
    let mut written = stdout.write_all(&body);
    if !body.ends_with(b"\n") {
        written = written.and_then(|()| stdout.write_all(b"\n"));
    }
    written.map_err(|error| Failure::new("cannot print the answer", &error))?;

    let failed = serde_json::from_slice(&body).is_ok_and(|it: Envelope| it.is_failure());
    if !status.is_success() || failed {
        let text = format!("{method} {path} failed (HTTP status {})", status.as_u16());
        return Err(Failure::plain(Exit::Failed, text));
    }
    Ok(())
}
