//! A store that is down when a story wants it: the session goes on alone, and is stored afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use prancer_auth::store::{
    MemoryStore, SessionStore, StoreError, StoreFuture, StoreLock, StoredSession,
};
use prancer_auth::{Error, Session, SessionEvent};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use crate::clock::Hands;
use crate::portal::{asked, builder, eventually, portal, sharing};
use crate::witness::bare;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A store that can be down.
#[derive(Clone, Default)]
struct Fragile {
    store: MemoryStore,
    down: Arc<AtomicBool>,
    hangs: Arc<AtomicBool>,
    /// How many calls have met a store that hangs.
    hung: Arc<AtomicU64>,
}

impl Fragile {
    fn reached<'a, T: 'a>(&'a self, call: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        if self.hangs.load(Ordering::SeqCst) {
            self.hung.fetch_add(1, Ordering::SeqCst);
            return Box::pin(std::future::pending());
        }
        if self.down.load(Ordering::SeqCst) {
            return Box::pin(async { Err(StoreError::unavailable("reach it", "it is down")) });
        }
        call
    }
}

impl SessionStore for Fragile {
    fn location(&self) -> String {
        "a fragile place".to_owned()
    }
    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        self.reached(self.store.load())
    }
    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        self.reached(self.store.save(session, expected))
    }
    fn remove(&self) -> StoreFuture<'_, ()> {
        self.reached(self.store.remove())
    }
    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        self.reached(self.store.lock())
    }
}

#[tokio::test]
async fn while_the_store_is_down_the_session_goes_on_alone_and_is_kept_afterwards() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let (sender, changes) = std::sync::mpsc::channel();
    let tell = move |change: &SessionEvent| sender.send(format!("{change:?}")).unwrap();
    let session = builder(&emulator).store(store.clone()).clock(hands.clone());
    let session = session.on_event(tell).build().unwrap();
    session.token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        hands.pass(8 * DAY);
        emulator.advance(8 * DAY);
        session.token().await.unwrap();
    }
    assert!(session.status().store_failure.is_some());
    assert_eq!(emulator.calls(Operation::Refresh), 3);
    store.down.store(false, Ordering::SeqCst);
    hands.pass(Duration::from_secs(5));
    let token = session.token().await.unwrap();
    // No caller waits for that.
    eventually(|| session.status().store_failure.is_none()).await;
    let stored = store.store.load().await.unwrap().unwrap();
    assert_eq!(stored.tokens.unwrap().access_token, token);
    let told: Vec<_> = changes.try_iter().collect();
    let failed = told.iter().filter(|it| it.starts_with("StoreFailed"));
    assert_eq!(failed.count(), 1, "{told:?}");
}

#[tokio::test]
async fn what_is_kept_but_older_is_no_renewal_of_a_token_that_was_refused() {
    let emulator = Emulator::start().unwrap();
    let store = Fragile::default();
    let with_store = || builder(&emulator).store(store.clone()).build().unwrap();
    with_store().token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    // Stores keep milliseconds.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let alone = with_store();
    alone.token().await.unwrap();
    assert_eq!(emulator.calls(Operation::Login), 2);
    // The portal takes neither token any more.
    emulator.advance(8 * DAY);
    store.down.store(false, Ordering::SeqCst);
    let response = alone.get("user/get/").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_logout_that_cannot_be_kept_says_so_and_is_kept_afterwards() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    assert!(matches!(session.logout().await, Err(Error::Store(_))));
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    assert_eq!(emulator.calls(Operation::Logout), 1);
    store.down.store(false, Ordering::SeqCst);
    hands.pass(Duration::from_secs(5));
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    assert!(store.store.load().await.unwrap().unwrap().tokens.is_none());
}

#[tokio::test]
async fn without_credentials_a_store_that_cannot_be_read_is_what_is_told() {
    let emulator = Emulator::start().unwrap();
    let store = Fragile::default();
    store.down.store(true, Ordering::SeqCst);
    let session = Session::builder(portal(&emulator)).store(store);
    let told = session.build().unwrap().token().await;
    assert!(matches!(told, Err(Error::Store(_))), "{told:?}");
}

#[tokio::test]
async fn a_login_while_the_store_was_down_is_not_undone_by_an_older_logout() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = || sharing(&emulator, &store, &hands);
    let yesterday = session();
    yesterday.token().await.unwrap();
    yesterday.logout().await.unwrap();
    hands.pass(Duration::from_secs(1));
    store.down.store(true, Ordering::SeqCst);
    let today = session();
    let token = today.token().await.unwrap();
    store.down.store(false, Ordering::SeqCst);
    hands.pass(Duration::from_secs(5));
    assert_eq!(today.token().await.unwrap(), token);
    eventually(|| today.status().store_failure.is_none()).await;
    today.settled().await.unwrap();
    assert_eq!(today.token().await.unwrap(), token);
    assert_eq!(emulator.calls(Operation::Logout), 1);
    let stored = store.store.load().await.unwrap().unwrap();
    assert_eq!(stored.tokens.unwrap().access_token, token);
}

#[tokio::test]
async fn a_logout_of_who_knows_nothing_of_the_store_is_kept_when_it_is_back() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = || sharing(&emulator, &store, &hands);
    session().token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    let fresh = session();
    assert!(matches!(fresh.logout().await, Err(Error::Store(_))));
    store.down.store(false, Ordering::SeqCst);
    hands.pass(Duration::from_secs(5));
    assert!(matches!(fresh.token().await, Err(Error::LoggedOut)));
    assert!(store.store.load().await.unwrap().unwrap().tokens.is_none());
    // The tokens in the store are ended, too; the caller did not wait for that.
    fresh.settled().await.unwrap();
    assert_eq!(emulator.calls(Operation::Logout), 1);
}

#[tokio::test]
async fn a_login_elsewhere_after_a_logout_that_could_not_be_kept_goes_on() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = || sharing(&emulator, &store, &hands);
    let (here, there) = (session(), session());
    here.token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    here.logout().await.unwrap_err();
    store.down.store(false, Ordering::SeqCst);
    hands.pass(Duration::from_secs(1));
    there.login().await.unwrap();
    hands.pass(Duration::from_secs(5));
    assert_eq!(here.token().await.unwrap(), there.token().await.unwrap());
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn a_store_that_was_set_back_revives_nothing() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    let before = store.load().await.unwrap().unwrap();
    session.logout().await.unwrap();
    store.remove().await.unwrap();
    store.save(&before, 0).await.unwrap();
    hands.pass(Duration::from_secs(1));
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    assert!(store.load().await.unwrap().unwrap().tokens.is_none());
}

#[tokio::test]
async fn a_session_that_was_removed_and_begun_anew_is_seen() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = || sharing(&emulator, &store, &hands);
    let daemon = session();
    let old = daemon.token().await.unwrap();
    store.remove().await.unwrap();
    hands.pass(Duration::from_secs(1));
    let new = session();
    new.login().await.unwrap();
    let new = new.token().await.unwrap();
    hands.pass(Duration::from_secs(1));
    assert_ne!(old, new);
    assert_eq!(daemon.token().await.unwrap(), new);
}

#[tokio::test]
async fn a_logout_with_nothing_to_keep_leaves_others_to_be_seen() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = || sharing(&emulator, &store, &hands);
    let (here, there) = (session(), session());
    here.logout().await.unwrap();
    assert!(store.load().await.unwrap().is_none());
    hands.pass(Duration::from_secs(1));
    there.login().await.unwrap();
    hands.pass(Duration::from_secs(1));
    assert_eq!(here.token().await.unwrap(), there.token().await.unwrap());
}

#[tokio::test]
async fn a_store_that_hangs_fails_nobody_who_has_a_good_token() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = builder(&emulator).store(store.clone()).clock(hands.clone());
    let deadline = Duration::from_millis(200);
    let session = session.deadline(deadline).build().unwrap();
    let token = session.token().await.unwrap();
    store.hangs.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        hands.pass(Duration::from_secs(1));
        assert_eq!(session.token().await.unwrap(), token);
    }
}

#[tokio::test]
async fn a_store_that_hangs_costs_a_call_one_patience_and_not_one_a_step() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let hung = || store.hung.swap(0, Ordering::SeqCst);
    store.hangs.store(true, Ordering::SeqCst);
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    assert_eq!(hung(), 1, "a first token");
    hands.pass(Duration::from_secs(5));
    // A good token is not renewed while the store fails: that could end the session of the others.
    session.refresh().await.unwrap_err();
    assert_eq!(hung(), 1, "a refresh");
    hands.pass(Duration::from_secs(5));
    session.logout().await.unwrap_err();
    assert_eq!(hung(), 1, "a logout");
    assert_eq!(emulator.calls(Operation::Logout), 1);
}

#[tokio::test]
async fn a_store_that_failed_while_the_token_was_good_makes_no_caller_wait_once_it_has_expired() {
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    // A token is handed out until a minute before its end.
    hands.pass(7 * DAY - Duration::from_secs(62));
    session.token().await.unwrap();
    eventually(|| session.status().failure.is_some()).await;
    hands.pass(Duration::from_secs(2));
    session.token().await.unwrap();
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

#[tokio::test]
async fn a_session_that_has_expired_while_its_store_failed_looks_once_more_before_it_renews_alone()
{
    // It draws the pause.
    fastrand::seed(2);
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let [here, there] = [(); 2].map(|()| sharing(&emulator, &store, &hands));
    for session in [&here, &there] {
        session.token().await.unwrap();
    }
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    let renewed = there.token().await.unwrap();
    store.down.store(true, Ordering::SeqCst);
    let back = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        store.down.store(false, Ordering::SeqCst);
    };
    let (token, ()) = tokio::join!(here.token(), back);
    assert_eq!(token.unwrap(), renewed);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.sessions(), 1);
}

#[tokio::test]
async fn a_rejection_that_may_be_due_to_a_renewal_elsewhere_is_not_believed_while_the_store_fails()
{
    let emulator = Settings::default().rotation(true).start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    sharing(&emulator, &store, &hands).token().await.unwrap();
    let open = || bare(&emulator, store.clone(), &hands).build().unwrap();
    let (here, there) = (open(), open());
    for session in [&here, &there] {
        session.token().await.unwrap();
    }
    hands.pass(8 * DAY);
    emulator.advance(8 * DAY);
    store.down.store(true, Ordering::SeqCst);
    let renewed = there.token().await.unwrap();
    let error = here.token().await.unwrap_err();
    assert!(error.is_transient() && !error.needs_login(), "{error}");
    store.down.store(false, Ordering::SeqCst);
    hands.pass(Duration::from_secs(10));
    // It saves what it has renewed.
    assert_eq!(there.token().await.unwrap(), renewed);
    there.settled().await.unwrap();
    hands.pass(Duration::from_secs(10));
    assert_eq!(here.token().await.unwrap(), renewed);
}

#[tokio::test]
async fn a_program_hears_that_what_it_renewed_was_not_saved() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    store.down.store(true, Ordering::SeqCst);
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    assert!(matches!(session.settled().await, Err(Error::Store(_))));
    store.down.store(false, Ordering::SeqCst);
    session.settled().await.unwrap();
    assert!(store.load().await.unwrap().unwrap().tokens.is_some());
}

#[tokio::test]
async fn a_logout_whose_caller_goes_away_is_made_all_the_same() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    session.token().await.unwrap();
    store.hangs.store(true, Ordering::SeqCst);
    let moment = Duration::from_millis(1);
    let given_up = tokio::time::timeout(moment, session.logout()).await;
    assert!(given_up.is_err());
    store.hangs.store(false, Ordering::SeqCst);
    let _ = session.settled().await;
    assert!(matches!(session.token().await, Err(Error::LoggedOut)));
    assert_eq!(emulator.sessions(), 0);
}

#[tokio::test]
async fn a_good_token_is_handed_out_while_the_next_one_is_being_saved() {
    let emulator = Emulator::start().unwrap();
    let (store, hands) = (Fragile::default(), Hands::new());
    let session = sharing(&emulator, &store, &hands);
    let token = session.token().await.unwrap();
    hands.pass(Duration::from_secs(1));
    emulator.fail_next(Operation::Refresh, Fault::Late(Duration::from_millis(200)));
    let renewal = tokio::spawn({
        let session = session.clone();
        async move { session.refresh().await }
    });
    asked(&emulator, Operation::Refresh, 1).await;
    store.hangs.store(true, Ordering::SeqCst);
    // The answer is here, and is being saved.
    eventually(|| store.hung.load(Ordering::SeqCst) > 0).await;
    hands.pass(Duration::from_secs(1));
    assert_eq!(session.token().await.unwrap(), token);
    assert!(!renewal.is_finished());
    assert_ne!(renewal.await.unwrap().unwrap(), token);
}
