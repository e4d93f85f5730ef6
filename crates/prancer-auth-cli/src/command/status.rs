//! `prancer-auth status`

use std::time::{Duration, SystemTime};

use prancer_auth::Portal;

use crate::arguments::Place;
use crate::failure::Failure;
use crate::keeper;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let store = keeper::store()?;
    let Some(stored) = store.load()? else {
        return Err(Failure::not_logged_in());
    };
    if place.portal.is_some() && Portal::new(&stored.portal)? != place.portal()? {
        return Err(Failure::not_logged_in());
    }
    let left = stored.expires_at().duration_since(SystemTime::now());
    let valid = match left {
        Ok(left) => format!("for {}", rounded(left)),
        Err(_) => "expired; renewed at the next use".to_owned(),
    };
    println!("portal         {}", stored.portal);
    println!(
        "user           {}",
        stored.email.as_deref().unwrap_or("unknown")
    );
    println!("access token   {}", masked(stored.access_token.expose()));
    println!("valid          {valid}");
    println!("refresh token  {}", masked(stored.refresh_token.expose()));
    println!("kept in        {}", store.path().display());
    Ok(())
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
