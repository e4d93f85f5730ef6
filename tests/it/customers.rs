//! One email address, one portal, two customers, one store: neither gets the token of the other.

use std::sync::Arc;
use std::time::Duration;

use prancer_auth::store::{FileStore, MemoryStore, SessionStore, StoredSession};
use prancer_auth::{Error, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation, User};
use serde_json::{Value, json};

use crate::clock::Hands;
use crate::needs::needs;
use crate::portal::{asked, credentials, eventually};
use crate::redis_server::RedisServer;
use crate::shelf::Shelf;
use crate::witness::{bare, of, stored_token, two_addresses, two_customers, user_of, whose};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);

/// The session is this user's, or says that what it found is another's.
async fn is_nobody_elses(session: &Session, user: &User, other: &User) {
    match user_of(session).await {
        Ok(found) => assert_eq!(found, (user.email.clone(), user.customer_id.clone())),
        Err(said) => {
            let differs = if user.email == other.email {
                &other.customer_id
            } else {
                &other.email
            };
            assert!(said.contains(differs), "{said}");
        }
    }
}

/// Two customers, each with a handle of their own on one place.
async fn are_kept_apart(
    (emulator, first, second): &(Emulator, User, User),
    places: [Arc<dyn SessionStore>; 2],
) {
    let hands = Hands::new();
    let [one, other] = places;
    let one = of(first, emulator, one, &hands);
    assert_eq!(whose(&one).await.as_deref(), Ok("customer1"));
    let other = of(second, emulator, other, &hands);
    is_nobody_elses(&other, second, first).await;
    // Nor later, when everybody has looked what others have written, and renewed.
    for _ in 0..3 {
        hands.pass(SECOND);
        is_nobody_elses(&other, second, first).await;
        is_nobody_elses(&one, first, second).await;
        hands.pass(8 * DAY);
        emulator.advance(8 * DAY);
    }
    assert_eq!(whose(&one).await.as_deref(), Ok("customer1"));
}

#[tokio::test]
async fn two_customers_are_kept_apart_in_memory() {
    let store = MemoryStore::default();
    let places: [Arc<dyn SessionStore>; 2] = [Arc::new(store.clone()), Arc::new(store)];
    are_kept_apart(&two_customers(), places).await;
}

#[tokio::test]
async fn two_customers_are_kept_apart_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Arc::new(FileStore::new(folder.path().join("state/session.json")));
    let places: [Arc<dyn SessionStore>; 2] = [open(), open()];
    are_kept_apart(&two_customers(), places).await;
}

#[tokio::test]
async fn two_customers_are_kept_apart_in_redis() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let portal = two_customers();
    let (emulator, first, second) = &portal;
    let open = |user| Arc::new(server.store(emulator, user));
    let places: [Arc<dyn SessionStore>; 2] = [open(first), open(second)];
    are_kept_apart(&portal, places).await;
    assert_eq!(server.keys(":session").len(), 2, "a key for each");
}

#[tokio::test]
async fn a_session_without_credentials_does_not_become_another_users() {
    for (emulator, first, second) in [two_customers(), two_addresses()] {
        let (store, hands) = (MemoryStore::default(), Hands::new());
        let before = of(&first, &emulator, store.clone(), &hands);
        before.token().await.unwrap();
        let bound = bare(&emulator, store.clone(), &hands).build().unwrap();
        is_nobody_elses(&bound, &first, &second).await;
        assert!(bound.token().await.is_ok());
        // Another user's login takes the place of what is stored.
        let other = of(&second, &emulator, store.clone(), &hands);
        other.login().await.unwrap();
        for _ in 0..3 {
            hands.pass(SECOND);
            is_nobody_elses(&bound, &first, &second).await;
            assert!(other.token().await.is_ok());
            is_nobody_elses(&other, &second, &first).await;
        }
        // A session that has belonged to no user goes on with the stored one.
        let free = bare(&emulator, store, &hands).build().unwrap();
        assert_eq!(free.token().await.ok(), other.token().await.ok());
    }
}

#[tokio::test]
async fn a_logout_of_another_user_ends_nobody_elses_session() {
    let stories = [
        (true, two_customers()),
        (false, two_customers()),
        (true, two_addresses()),
        (false, two_addresses()),
    ];
    for (with_credentials, (emulator, first, second)) in stories {
        let (store, hands) = (MemoryStore::default(), Hands::new());
        let session = of(&first, &emulator, store.clone(), &hands);
        session.token().await.unwrap();
        let bound = bare(&emulator, store.clone(), &hands).build().unwrap();
        bound.token().await.unwrap();
        let session = if with_credentials { session } else { bound };
        let other = of(&second, &emulator, store.clone(), &hands);
        other.login().await.unwrap();
        other.logout().await.unwrap();
        hands.pass(SECOND);
        let token = session.token().await;
        assert!(!matches!(token, Err(Error::LoggedOut)), "{token:?}");
        is_nobody_elses(&session, &first, &second).await;
        assert_eq!(emulator.sessions(), 1, "that of the first");
    }
}

#[tokio::test]
async fn a_login_by_itself_while_the_store_is_down_overwrites_nobody_elses_session() {
    let (emulator, first, second) = two_customers();
    let (store, hands) = (Shelf::default(), Hands::new());
    store.set_down(true);
    let one = of(&first, &emulator, store.clone(), &hands);
    assert_eq!(whose(&one).await.as_deref(), Ok("customer1"));
    store.set_down(false);
    let other = of(&second, &emulator, store.clone(), &hands);
    let theirs = other.token().await.unwrap();
    for _ in 0..3 {
        hands.pass(5 * SECOND);
        is_nobody_elses(&one, &first, &second).await;
        let _ = one.settled().await;
        eventually(|| one.status().store_failure.is_none()).await;
    }
    assert_eq!(stored_token(&store).await, Some(theirs));
    hands.pass(SECOND);
    assert_eq!(whose(&other).await.as_deref(), Ok("customer2"));
}

#[tokio::test]
async fn a_login_that_cannot_be_saved_beside_somebody_elses_session_is_told() {
    let (emulator, first, second) = two_addresses();
    let (store, hands) = (Shelf::default(), Hands::new());
    let session = of(&first, &emulator, store.clone(), &hands);
    session.token().await.unwrap();
    store.set_down(true);
    session.login_with(credentials(&second)).await.unwrap();
    store.set_down(false);
    hands.pass(60 * SECOND);
    let user = user_of(&session).await.unwrap();
    assert_eq!(user.0, second.email);
    let settled = session.settled().await;
    assert!(
        matches!(&settled, Err(Error::OtherUser(email)) if *email == first.email),
        "{settled:?}"
    );
}

#[tokio::test]
async fn a_logout_beside_somebody_elses_session_cancels_a_login_in_flight() {
    let (emulator, first, second) = two_addresses();
    let (store, hands) = (Shelf::default(), Hands::new());
    of(&first, &emulator, store.clone(), &hands)
        .token()
        .await
        .unwrap();
    let session = of(&second, &emulator, store.clone(), &hands);
    assert!(matches!(session.token().await, Err(Error::OtherUser(_))));
    emulator.fail_next(Operation::Login, Fault::Late(Duration::from_millis(300)));
    let login = tokio::spawn({
        let session = session.clone();
        async move { session.login().await }
    });
    asked(&emulator, Operation::Login, 2).await;
    session.logout().await.unwrap();
    assert!(matches!(login.await.unwrap(), Err(Error::LoggedOut)));
    session.settled().await.unwrap();
    let token = session.token().await;
    assert!(matches!(token, Err(Error::LoggedOut)), "{token:?}");
    // What the login brought is ended, and the session of the other one goes on.
    assert_eq!(emulator.sessions(), 1);
    assert!(stored_token(&store).await.is_some());
}

/// What earlier versions wrote of this session.
fn of_earlier_versions(session: &StoredSession, portal: &str) -> [Value; 2] {
    let tokens = session.tokens.as_ref().unwrap();
    let (access, refresh) = (tokens.access_token.expose(), tokens.refresh_token.expose());
    let (issued, lifetime) = (tokens.issued_at_ms, tokens.lifetime_ms);
    let first = json!({
        "version": 1, "portal": portal, "email": "user@example.com",
        "access_token": access, "refresh_token": refresh, "issued_at_ms": issued, "lifetime_ms": lifetime,
    });
    let second = json!({
        "version": 2, "generation": 7, "portal": portal, "email": "user@example.com",
        "tokens": {
            "access_token": access, "refresh_token": refresh, "issued_at_ms": issued, "lifetime_ms": lifetime,
        },
    });
    [first, second]
}

#[tokio::test]
async fn a_session_that_an_earlier_version_wrote_is_taken_up_and_gets_its_customer_with_the_next_save()
 {
    for version in 0..2 {
        let (emulator, first, _) = two_customers();
        let hands = Hands::new();
        let folder = tempfile::tempdir().unwrap();
        let store = FileStore::new(folder.path().join("state/session.json"));
        let before = of(&first, &emulator, store.clone(), &hands);
        before.token().await.unwrap();
        let portal = before.portal().url().as_str();
        let earlier = of_earlier_versions(&before.stored().unwrap(), portal);
        std::fs::write(store.path(), earlier[version].to_string()).unwrap();

        let now = of(&first, &emulator, store.clone(), &hands);
        assert_eq!(now.token().await.unwrap(), before.token().await.unwrap());
        assert_eq!(emulator.calls(Operation::Login), 1);
        now.refresh().await.unwrap();
        now.settled().await.unwrap();
        let written = std::fs::read_to_string(store.path()).unwrap();
        assert!(written.contains("customer1"), "no customer is written");
    }
}

#[tokio::test]
async fn a_logout_that_an_earlier_version_wrote_counts() {
    let (emulator, first, _) = two_customers();
    let hands = Hands::new();
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("state/session.json"));
    let session = of(&first, &emulator, store.clone(), &hands);
    session.token().await.unwrap();
    let generation = store.load().await.unwrap().unwrap().generation + 1;
    let marker = json!({
        "version": 2, "generation": generation, "portal": session.portal().url().as_str(),
        "email": "user@example.com", "tokens": null,
    });
    std::fs::write(store.path(), marker.to_string()).unwrap();
    hands.pass(SECOND);
    let token = session.token().await;
    assert!(matches!(token, Err(Error::LoggedOut)), "{token:?}");
}
