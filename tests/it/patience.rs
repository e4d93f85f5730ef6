//! How long a call waits, and what it settles for.

use std::time::Duration;

use prancer_auth::Clock as _;
use prancer_auth::store::MemoryStore;
use prancer_auth_emulator::{Emulator, Operation};
use tokio::task::JoinSet;

use crate::clock::Hands;
use crate::portal::{builder, sharing};
use crate::witness::{end_of, of, said};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn without_an_end_a_deadline_is_none() {
    let emulator = Emulator::start().unwrap();
    for with_store in [false, true] {
        let builder = builder(&emulator).deadline(Duration::MAX);
        let builder = match with_store {
            true => builder.store(MemoryStore::default()),
            false => builder,
        };
        let session = builder.build().unwrap();
        session.login().await.unwrap();
        session.token().await.unwrap();
        session.authorization().await.unwrap();
        session.token_valid_for(HOUR).await.unwrap();
        session.refresh().await.unwrap();
        session.settled().await.unwrap();
        let response = session.get("user/get/").send().await.unwrap();
        assert_eq!(response.status(), 200);
        session.logout().await.unwrap();
    }
}

#[tokio::test]
async fn a_token_that_must_last_lasts_as_long_as_a_renewal_can_give() {
    let day = 24 * HOUR;
    for asked in [
        HOUR,
        12 * HOUR,
        21 * HOUR,
        22 * HOUR,
        23 * HOUR,
        day - MINUTE,
    ] {
        for age in [0, 1, 2, 3, 6, 12, 22, 23] {
            let emulator = Emulator::start().unwrap();
            let hands = Hands::new();
            let session = builder(&emulator).clock(hands.clone()).build().unwrap();
            session.token().await.unwrap();
            session.refresh().await.unwrap();
            hands.pass(age * HOUR);
            emulator.advance(age * HOUR);
            let token = session.token_valid_for(asked).await.unwrap();
            let left = Duration::from_secs(end_of(&token)).saturating_sub(hands.now().wall);
            // Tokens count in whole seconds.
            let case = format!("asked for {asked:?} at {age} h");
            assert!(left + SECOND >= asked, "{case}: {left:?} is left");
            assert!(emulator.calls(Operation::Refresh) <= 2, "{case}");
        }
    }
}

#[tokio::test]
async fn a_long_asked_token_is_no_longer_than_the_login_it_came_of() {
    // A login's token that has more left than a renewal would give is never renewed for it.
    let emulator = Emulator::start().unwrap();
    let hands = Hands::new();
    let session = builder(&emulator).clock(hands.clone()).build().unwrap();
    let token = session.token().await.unwrap();
    hands.pass(24 * HOUR);
    emulator.advance(24 * HOUR);
    assert_eq!(session.token_valid_for(23 * HOUR).await.unwrap(), token);
    assert_eq!(session.token_valid_for(48 * HOUR).await.unwrap(), token);
    assert_eq!(emulator.calls(Operation::Refresh), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_sessions_on_one_store_send_a_rejected_password_once() {
    for at_once in [true, false] {
        let emulator = Emulator::start().unwrap();
        let (store, hands) = (MemoryStore::default(), Hands::new());
        let mut user = emulator.user().clone();
        user.password = "wrong".into();
        let open = || of(&user, &emulator, store.clone(), &hands);
        let sessions: Vec<_> = (0..20).map(|_| open()).collect();
        let mut callers = JoinSet::new();
        for session in sessions {
            let token = async move { session.token().await };
            if at_once {
                callers.spawn(token);
            } else {
                let token = token.await;
                callers.spawn(async { token });
            }
        }
        for token in callers.join_all().await {
            let said = said(&token.unwrap_err());
            assert!(said.contains("Invalid Email or Password"), "{said}");
        }
        assert_eq!(emulator.calls(Operation::Login), 1, "at once: {at_once}");
        // The right one of a session that begins later is another matter.
        hands.pass(Duration::from_secs(1));
        let right = sharing(&emulator, &store, &hands);
        assert!(right.token().await.is_ok());
    }
}
