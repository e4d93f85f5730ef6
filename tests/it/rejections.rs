//! A rejected refresh counts against the tokens that were sent, and against no others.

use std::time::Duration;

use prancer_auth::store::MemoryStore;
use prancer_auth::{Error, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use tokio::task::JoinSet;

use crate::clock::Hands;
use crate::portal::{asked, sharing};
use crate::shelf::Shelf;
use crate::witness::{bare, of, whose};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
const WHILE: Duration = Duration::from_millis(300);

/// How far another machine's clock goes wrong.
#[derive(Debug, Clone, Copy)]
enum Clocks {
    Same,
    Behind,
    Ahead,
}

impl Clocks {
    fn hands(self) -> Hands {
        let hands = Hands::new();
        hands.move_by(|now| match self {
            Self::Same => {}
            Self::Behind => now.wall -= 2 * MINUTE,
            Self::Ahead => now.wall += 2 * MINUTE,
        });
        hands
    }
}

async fn is_well(session: &Session, case: &str) {
    let token = session.token().await;
    assert!(!matches!(token, Err(Error::SessionExpired(_))), "{case}");
    assert_eq!(whose(session).await.as_deref(), Ok("customer1"), "{case}");
}

#[tokio::test]
async fn who_was_faster_elsewhere_is_followed_whatever_its_clock_says() {
    for clocks in [Clocks::Same, Clocks::Behind, Clocks::Ahead] {
        let case = format!("{clocks:?}");
        let emulator = Settings::default().rotation(true).start().unwrap();
        let store = Shelf::without_exclusion();
        let (ours, theirs) = (Hands::new(), clocks.hands());
        sharing(&emulator, &store, &ours).token().await.unwrap();
        let here = bare(&emulator, store.clone(), &ours).build().unwrap();
        let there = bare(&emulator, store.clone(), &theirs).build().unwrap();
        here.token().await.unwrap();
        there.token().await.unwrap();
        // Once here has looked for the last time, there spends the refresh token that here is about to send.
        store.meanwhile({
            let there = there.clone();
            async move { drop(there.refresh().await.unwrap()) }
        });
        let came = here.refresh().await;
        assert!(came.is_ok(), "{case}: {came:?}");
        for _ in 0..3 {
            is_well(&here, &case).await;
            is_well(&there, &case).await;
            for hands in [&ours, &theirs] {
                hands.pass(SECOND);
            }
        }
        assert!(emulator.calls(Operation::Refresh) <= 3, "{case}");
        assert_eq!(emulator.calls(Operation::Login), 1, "{case}");
    }
}

#[tokio::test]
async fn a_rejection_that_comes_after_newer_tokens_were_adopted_ends_nothing() {
    for clocks in [Clocks::Same, Clocks::Behind, Clocks::Ahead] {
        let case = format!("{clocks:?}");
        let emulator = Emulator::start().unwrap();
        let store = Shelf::without_exclusion();
        let (ours, theirs) = (Hands::new(), clocks.hands());
        sharing(&emulator, &store, &ours).token().await.unwrap();
        let here = bare(&emulator, store.clone(), &ours).build().unwrap();
        let there = sharing(&emulator, &store, &theirs);
        here.token().await.unwrap();
        there.token().await.unwrap();
        for hands in [&ours, &theirs] {
            hands.pass(10 * SECOND);
        }
        emulator.fail_next(Operation::Refresh, Fault::Delay(WHILE));
        let renewal = tokio::spawn({
            let here = here.clone();
            async move { here.refresh().await }
        });
        asked(&emulator, Operation::Refresh, 1).await;
        // The session that the refresh is for ends, and another takes its place.
        emulator.revoke_all();
        there.login().await.unwrap();
        ours.pass(SECOND);
        // Here adopts it while its own exchange is still under way.
        let _ = here.token().await;
        let _ = renewal.await.unwrap();
        is_well(&here, &case).await;
        is_well(&there, &case).await;
    }
}

#[tokio::test]
async fn a_session_that_was_rejected_stays_so_and_its_refresh_token_is_sent_once() {
    for expired in [false, true] {
        let emulator = Emulator::start().unwrap();
        let (store, hands) = (MemoryStore::default(), Hands::new());
        sharing(&emulator, &store, &hands).token().await.unwrap();
        let session = bare(&emulator, store.clone(), &hands).build().unwrap();
        session.token().await.unwrap();
        emulator.revoke_all();
        if expired {
            hands.pass(8 * DAY);
        }
        for _ in 0..5 {
            let call = session.get("user/get/").send().await;
            assert!(call.is_err_and(|it| it.needs_login()), "{expired}");
            assert_eq!(emulator.calls(Operation::Refresh), 1, "{expired}");
            hands.pass(2 * SECOND);
        }
    }
}

#[tokio::test]
async fn a_password_that_is_rejected_after_the_refresh_token_was_is_sent_once_by_all() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    sharing(&emulator, &store, &hands).token().await.unwrap();
    let mut user = emulator.user().clone();
    user.password = "changed meanwhile".into();
    let open = || of(&user, &emulator, store.clone(), &hands);
    let sessions: Vec<_> = (0..20).map(|_| open()).collect();
    for session in &sessions {
        session.token().await.unwrap();
    }
    assert_eq!(emulator.calls(Operation::Login), 1);
    emulator.revoke_all();
    hands.pass(8 * DAY);
    let mut callers = JoinSet::new();
    for session in sessions {
        callers.spawn(async move { session.token().await });
    }
    for token in callers.join_all().await {
        assert!(token.is_err_and(|it| it.needs_login()));
    }
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[tokio::test]
async fn a_note_of_a_rejection_from_the_future_says_nothing() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let ahead = Hands::new();
    ahead.pass(DAY);
    let mut user = emulator.user().clone();
    user.password = "wrong".into();
    let rejected = of(&user, &emulator, store.clone(), &ahead).token().await;
    assert!(matches!(rejected, Err(Error::CredentialsRejected(_))));
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    session.login().await.unwrap();
}
