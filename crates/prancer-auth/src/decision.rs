//! What a session does next. No clock, no I/O.

use std::time::Duration;

use crate::clock::Now;
use crate::state::{Phase, State};

/// A token with less life than this is not handed out: the request that carries it takes time too.
const MARGIN: Duration = Duration::from_secs(60);

/// What to do for somebody who wants a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Hand out the token that is there.
    Use,
    /// Ask for a new one with the refresh token.
    Refresh,
    /// Ask for new ones with the credentials.
    LogIn,
    /// Say why there is none.
    Refuse(Why),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    NotLoggedIn,
    SessionExpired,
    CredentialsRefused,
    LoggedOut,
}

pub(crate) fn decide(state: &State, now: Now) -> Decision {
    match state.phase {
        Phase::Live(life) if life.left(now) > MARGIN.min(life.lifetime / 10) => Decision::Use,
        Phase::Live(_) => Decision::Refresh,
        Phase::New | Phase::Expired if state.credentials => Decision::LogIn,
        Phase::New => Decision::Refuse(Why::NotLoggedIn),
        Phase::Expired => Decision::Refuse(Why::SessionExpired),
        Phase::Refused => Decision::Refuse(Why::CredentialsRefused),
        Phase::LoggedOut => Decision::Refuse(Why::LoggedOut),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;
    use std::time::SystemTime;

    use super::*;
    use crate::state::{Event, apply};

    const HOUR: Duration = Duration::from_secs(3600);

    fn epoch() -> Now {
        Now {
            wall: SystemTime::UNIX_EPOCH + 1_000_000 * HOUR,
            monotonic: Instant::now(),
        }
    }

    fn after(now: Now, time: Duration) -> Now {
        Now {
            wall: now.wall + time,
            monotonic: now.monotonic + time,
        }
    }

    fn new(credentials: bool) -> State {
        State {
            phase: Phase::New,
            credentials,
            generation: 0,
        }
    }

    fn live(since: Now, lifetime: Duration) -> State {
        apply(&new(true), Event::Renewed { since, lifetime })
    }

    #[test]
    fn a_new_session_logs_in_if_it_can() {
        assert_eq!(decide(&new(true), epoch()), Decision::LogIn);
        let refused = Decision::Refuse(Why::NotLoggedIn);
        assert_eq!(decide(&new(false), epoch()), refused);
    }

    #[test]
    fn a_good_token_is_used_and_one_that_is_about_to_expire_is_renewed() {
        let born = epoch();
        let state = live(born, HOUR);
        assert_eq!(decide(&state, born), Decision::Use);
        assert_eq!(
            decide(&state, after(born, HOUR - 2 * MARGIN)),
            Decision::Use
        );
        assert_eq!(
            decide(&state, after(born, HOUR - MARGIN)),
            Decision::Refresh
        );
        assert_eq!(decide(&state, after(born, 1000 * HOUR)), Decision::Refresh);
    }

    #[test]
    fn a_token_that_lives_shorter_than_the_margin_is_used_too() {
        let born = epoch();
        let state = live(born, Duration::from_secs(10));
        assert_eq!(
            decide(&state, after(born, Duration::from_secs(8))),
            Decision::Use
        );
        assert_eq!(
            decide(&state, after(born, Duration::from_secs(9))),
            Decision::Refresh
        );
    }

    #[test]
    fn a_refused_token_is_not_used_again_unless_it_was_replaced_meanwhile() {
        let state = live(epoch(), HOUR);
        let older = Event::TokenRefused { generation: 0 };
        assert_eq!(decide(&apply(&state, older), epoch()), Decision::Use);
        let this = Event::TokenRefused { generation: 1 };
        assert_eq!(decide(&apply(&state, this), epoch()), Decision::Refresh);
    }

    #[test]
    fn a_refused_refresh_logs_in_and_a_refused_login_is_not_repeated() {
        let expired = apply(&live(epoch(), HOUR), Event::RefreshRefused);
        assert_eq!(decide(&expired, epoch()), Decision::LogIn);
        let refused = apply(&expired, Event::LoginRefused);
        let why = Decision::Refuse(Why::CredentialsRefused);
        assert_eq!(decide(&refused, epoch()), why);
        let given = apply(&refused, Event::CredentialsGiven);
        assert_eq!(decide(&given, epoch()), Decision::LogIn);
    }

    #[test]
    fn nothing_logs_in_by_itself_after_a_logout() {
        let state = apply(&live(epoch(), HOUR), Event::LoggedOut);
        assert!(state.credentials);
        assert_eq!(decide(&state, epoch()), Decision::Refuse(Why::LoggedOut));
    }
}
