//! `prancer-auth status`

use std::time::{Duration, SystemTime};

use prancer_auth::Error;
use prancer_auth::store::SessionStore as _;

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper;
use crate::output;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let store = keeper::store()?;
    let Some(stored) = store.load().await? else {
        return Err(Failure::not_logged_in());
    };
    let portal = place.portal_or_kept(Some(&stored))?;
    if portal.url().as_str() != stored.portal {
        return Err(Error::OtherPortal(stored.portal).into());
    }
    let Some(tokens) = stored.tokens else {
        return Err(Failure::not_logged_in());
    };
    let left = tokens.expires_at().duration_since(SystemTime::now());
    let valid = match left {
        Ok(left) => format!("for {}", rounded(left)),
        Err(_) => "expired; renewed at the next use".to_owned(),
    };
    let lines = [
        format!("portal         {}", stored.portal),
        format!(
            "user           {}",
            stored.email.as_deref().unwrap_or("unknown")
        ),
        format!("access token   {}", masked(tokens.access_token.expose())),
        format!("valid          {valid}"),
        format!("refresh token  {}", masked(tokens.refresh_token.expose())),
        format!("kept in        {}", store.place()),
    ];
    output::print(lines.join("\n").as_bytes())
}

/// Nothing of a token but how long it is.
fn masked(token: &str) -> String {
    format!("******** ({} characters)", token.chars().count())
}

/// Whole seconds below an hour, whole minutes above.
fn rounded(time: Duration) -> humantime::FormattedDuration {
    let seconds = time.as_secs();
    let unit = if seconds < 3600 { 1 } else { 60 };
    humantime::format_duration(Duration::from_secs(seconds / unit * unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_as_exact_as_a_person_wants_it() {
        let shown = |seconds| rounded(Duration::from_secs(seconds)).to_string();
        assert_eq!(shown(59), "59s");
        assert_eq!(shown(6 * 86_400 + 86_399), "6days 23h 59m");
    }
}
