//! A login that is rejected, or fails, leaves nothing behind: what others do with the session is seen as before.

use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Waker};
use std::time::Duration;

use prancer_auth::store::MemoryStore;
use prancer_auth::{Error, Session, SessionEvent};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use reqwest::StatusCode;
use tokio::runtime::Runtime;

use crate::clock::Hands;
use crate::portal::{asked, builder, credentials, session, sharing};

const SECOND: Duration = Duration::from_secs(1);
const WHILE: Duration = Duration::from_millis(300);

/// How a login comes to nothing.
#[derive(Debug, Clone, Copy)]
enum Failing {
    /// With another password, which the portal rejects.
    Rejected,
    /// With the session's own, which get no answer.
    Failed,
    /// With another password, which gets no answer.
    FailedWithOthers,
}

const ALL: [Failing; 3] = [
    Failing::Rejected,
    Failing::Failed,
    Failing::FailedWithOthers,
];

async fn comes_to_nothing(session: &Session, emulator: &Emulator, failing: Failing) {
    let mut user = emulator.user().clone();
    user.password = "wrong".into();
    if !matches!(failing, Failing::Rejected) {
        // One exchange makes three attempts by itself.
        for _ in 0..3 {
            emulator.fail_next(Operation::Login, Fault::Drop);
        }
    }
    let login = match failing {
        Failing::Failed => session.login().await,
        _ => session.login_with(credentials(&user)).await,
    };
    assert!(login.is_err(), "{failing:?}");
}

#[tokio::test]
async fn who_joins_a_login_with_a_wrong_password_is_not_told_of_that() {
    type Joined = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;
    let emulator = Emulator::start().unwrap();
    let same = Arc::new(OnceLock::<Session>::new());
    let joined = Arc::new(Mutex::new(None::<Joined>));
    let on_event = {
        let (same, joined) = (Arc::clone(&same), Arc::clone(&joined));
        move |event: &SessionEvent| {
            if let (SessionEvent::CredentialsRejected(_), Some(session)) = (event, same.get()) {
                // The login with the wrong password is not over yet, and this one has the right one.
                let session = session.clone();
                let mut login: Joined = Box::pin(async move { session.login().await });
                let polled = login.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                assert!(polled.is_pending());
                *joined.lock().unwrap() = Some(login);
            }
        }
    };
    let session = same.get_or_init(|| builder(&emulator).on_event(on_event).build().unwrap());
    comes_to_nothing(session, &emulator, Failing::Rejected).await;
    let joined = joined.lock().unwrap().take().unwrap();
    joined.await.unwrap();
    assert_eq!(emulator.calls(Operation::Login), 2);
}

#[tokio::test]
async fn credentials_that_were_rejected_still_are_when_the_token_was_renewed() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    session.token().await.unwrap();
    let rejected = r#"{"data":{},"error":"Authentication Failed","message":"locked","metadata":{},"status":400}"#;
    let rejected = Fault::json(StatusCode::BAD_REQUEST, rejected);
    emulator.fail_next(Operation::Login, rejected);
    let is_told = |login: Result<(), Error>| {
        let Err(Error::CredentialsRejected(said)) = login else {
            panic!("{login:?}");
        };
        assert!(said.to_string().contains("locked"), "{said}");
    };
    is_told(session.login().await);
    session.refresh().await.unwrap();
    is_told(session.login().await);
    assert_eq!(emulator.calls(Operation::Login), 2);
}

struct Story {
    emulator: Emulator,
    hands: Hands,
    here: Session,
    there: Session,
}

/// Two who share a session, and have it.
async fn begin() -> Story {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (MemoryStore::default(), Hands::new());
    let here = sharing(&emulator, &store, &hands);
    let there = sharing(&emulator, &store, &hands);
    here.token().await.unwrap();
    there.token().await.unwrap();
    Story {
        emulator,
        hands,
        here,
        there,
    }
}

#[tokio::test]
async fn a_logout_elsewhere_is_seen_within_a_second_of_a_failed_login() {
    for failing in ALL {
        for logout_is_first in [true, false] {
            let story = begin().await;
            if logout_is_first {
                story.there.logout().await.unwrap();
            }
            comes_to_nothing(&story.here, &story.emulator, failing).await;
            if !logout_is_first {
                story.there.logout().await.unwrap();
            }
            story.hands.pass(SECOND);
            let token = story.here.token().await;
            let case = format!("{failing:?}, {logout_is_first}");
            assert!(matches!(token, Err(Error::LoggedOut)), "{case}: {token:?}");
        }
    }
}

#[tokio::test]
async fn a_renewal_elsewhere_is_adopted_within_a_second_of_a_failed_login() {
    for failing in ALL {
        for renewal_is_first in [true, false] {
            let story = begin().await;
            if renewal_is_first {
                story.there.refresh().await.unwrap();
            }
            comes_to_nothing(&story.here, &story.emulator, failing).await;
            if !renewal_is_first {
                story.there.refresh().await.unwrap();
            }
            story.hands.pass(SECOND);
            let (here, there) = (story.here.token().await, story.there.token().await);
            let same = here.as_ref().ok() == there.as_ref().ok();
            assert!(same && here.is_ok(), "{failing:?}, {renewal_is_first}");
        }
    }
}

#[tokio::test]
async fn what_others_did_while_a_login_was_tried_is_seen_within_a_second() {
    for slow in [Fault::Delay(WHILE), Fault::Late(WHILE)] {
        let story = begin().await;
        let mut user = story.emulator.user().clone();
        user.password = "wrong".into();
        story.emulator.fail_next(Operation::Login, slow);
        let login = tokio::spawn({
            let (here, other) = (story.here.clone(), credentials(&user));
            async move { here.login_with(other).await }
        });
        asked(&story.emulator, Operation::Login, 2).await;
        story.there.logout().await.unwrap();
        assert!(login.await.unwrap().is_err());
        story.hands.pass(SECOND);
        let token = story.here.token().await;
        assert!(matches!(token, Err(Error::LoggedOut)), "{token:?}");
    }
}

#[test]
fn a_login_whose_runtime_ended_leaves_nothing_behind() {
    let (ends, goes_on) = (Runtime::new().unwrap(), Runtime::new().unwrap());
    let story = goes_on.block_on(begin());
    goes_on.block_on(story.there.refresh()).unwrap();
    // It has looked into the store when it asks the portal.
    let slow = Fault::Delay(Duration::from_secs(60));
    story.emulator.fail_next(Operation::Login, slow);
    let login = ends.spawn({
        let here = story.here.clone();
        async move { here.login().await }
    });
    goes_on.block_on(asked(&story.emulator, Operation::Login, 2));
    ends.shutdown_background();
    assert!(goes_on.block_on(login).is_err());
    story.hands.pass(SECOND);
    let token = goes_on.block_on(story.here.token());
    assert_eq!(token.ok(), goes_on.block_on(story.there.token()).ok());
}
