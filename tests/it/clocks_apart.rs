//! Machines whose clocks differ share a session: what is later stays later, and no token is handed out after its end.

use std::time::Duration;

use prancer_auth::store::{MemoryStore, SessionStore as _};
use prancer_auth::{Clock as _, Error};
use prancer_auth_emulator::{Emulator, Settings};

use crate::clock::Hands;
use crate::portal::sharing;
use crate::witness::{bare, end_of};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);

/// The clocks of another machine, so much behind these.
fn behind(by: Duration) -> Hands {
    let hands = Hands::new();
    hands.move_by(|now| now.wall -= by);
    hands
}

#[tokio::test]
async fn a_logout_under_a_clock_that_was_set_back_is_later_than_the_session_that_it_ends() {
    let emulator = Emulator::start().unwrap();
    let (store, ours, theirs) = (MemoryStore::default(), Hands::new(), Hands::new());
    let here = sharing(&emulator, &store, &ours);
    let there = sharing(&emulator, &store, &theirs);
    here.token().await.unwrap();
    there.token().await.unwrap();
    // The store loses the session, and here the clock goes back.
    store.remove().await.unwrap();
    ours.move_by(|now| now.wall -= DAY);
    ours.pass(SECOND);
    theirs.pass(SECOND);
    here.logout().await.unwrap();
    for _ in 0..3 {
        ours.pass(SECOND);
        theirs.pass(SECOND);
        for session in [&there, &here] {
            let token = session.token().await;
            assert!(matches!(token, Err(Error::LoggedOut)), "{token:?}");
        }
    }
    assert_eq!(emulator.sessions(), 0);
}

#[tokio::test]
async fn a_login_under_a_clock_that_was_set_back_is_later_than_what_it_takes_the_place_of() {
    for store_is_emptied in [false, true] {
        let emulator = Emulator::start().unwrap();
        let (store, ours, theirs) = (MemoryStore::default(), Hands::new(), Hands::new());
        let here = sharing(&emulator, &store, &ours);
        let there = sharing(&emulator, &store, &theirs);
        here.token().await.unwrap();
        there.token().await.unwrap();
        let before = store.load().await.unwrap().unwrap().generation;
        if store_is_emptied {
            store.remove().await.unwrap();
        }
        ours.move_by(|now| now.wall -= DAY);
        here.login().await.unwrap();
        let token = here.token().await.unwrap();
        let after = store.load().await.unwrap().unwrap().generation;
        assert!(after > before, "{after} is not later than {before}");
        theirs.pass(SECOND);
        assert_eq!(there.token().await.ok(), Some(token.clone()));
        ours.pass(SECOND);
        assert_eq!(here.token().await.ok(), Some(token));
    }
}

#[tokio::test]
async fn a_token_of_a_clock_a_day_ahead_is_not_handed_out_after_its_end() {
    // Hours after the login, on a machine whose clock is right.
    for start in [0, 1, 12, 23, 25, 36, 47] {
        let emulator = Settings::default().login_lifetime(DAY).start().unwrap();
        let store = MemoryStore::default();
        let ahead = behind(Duration::ZERO);
        ahead.move_by(|now| now.wall += DAY);
        sharing(&emulator, &store, &ahead).token().await.unwrap();

        let right = Hands::new();
        let pass = |time| {
            right.pass(time);
            emulator.advance(time);
        };
        pass(start * HOUR);
        let session = bare(&emulator, store.clone(), &right).build().unwrap();
        for hour in start..50 {
            let token = session.token().await.unwrap();
            let now = right.now().wall.as_secs();
            let case = format!("began after {start} h, asked after {hour} h");
            assert!(end_of(&token) > now, "{case}: a dead token");
            session.settled().await.unwrap();
            pass(HOUR);
        }
    }
}

#[tokio::test]
async fn a_token_of_a_clock_a_day_behind_is_neither_handed_out_late_nor_renewed_at_every_call() {
    let emulator = Settings::default().login_lifetime(DAY).start().unwrap();
    let (store, right) = (MemoryStore::default(), Hands::new());
    let other = sharing(&emulator, &store, &behind(DAY));
    other.token().await.unwrap();
    let session = bare(&emulator, store, &right).build().unwrap();
    for _ in 0..50 {
        let token = session.token().await.unwrap();
        assert!(end_of(&token) > right.now().wall.as_secs());
        session.settled().await.unwrap();
        right.pass(HOUR);
        emulator.advance(HOUR);
    }
    let renewals = emulator.calls(prancer_auth_emulator::Operation::Refresh);
    assert!((2..=4).contains(&renewals), "{renewals} renewals in 50 h");
}
