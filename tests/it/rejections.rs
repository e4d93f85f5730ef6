//! A rejected refresh counts against the tokens that were sent, and against no others.

use std::time::Duration;

use prancer_auth::{Error, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use crate::clock::Hands;
use crate::portal::{asked, sharing};
use crate::shelf::Shelf;
use crate::witness::{bare, whose};

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
