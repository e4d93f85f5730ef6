//! `prancer-auth api METHOD PATH`

use std::time::Duration;

use prancer_auth::Envelope;
use reqwest::StatusCode;

use crate::arguments::{Api, Place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keeper;
use crate::output;

/// How long an API may take. The portal's reports take minutes.
const TIMEOUT: Duration = Duration::from_secs(5 * 60);

pub(crate) async fn run(place: &Place, arguments: &Api) -> Result<(), Failure> {
    let (session, _) = keeper::open(place).await?;
    let Api { method, path } = arguments;
    let request = session.request(method.clone(), path);
    let response = request.timeout(TIMEOUT).send().await;
    session.settled().await?;

    let response = response?;
    let status = response.status();
    let body = response.bytes().await;
    let body = body.map_err(|error| Failure::new("the answer was cut short", &error))?;
    output::print(&body)?;

    let failed = serde_json::from_slice(&body).is_ok_and(|it: Envelope| it.is_failure());
    if !status.is_success() || failed {
        let text = format!("{method} {path} failed (HTTP status {})", status.as_u16());
        return Err(Failure::plain(exit(status), text));
    }
    Ok(())
}

fn exit(status: StatusCode) -> Exit {
    match status {
        StatusCode::UNAUTHORIZED => Exit::Login,
        StatusCode::TOO_MANY_REQUESTS => Exit::Unreachable,
        status if status.is_server_error() => Exit::Unreachable,
        _ => Exit::Failed,
    }
}
