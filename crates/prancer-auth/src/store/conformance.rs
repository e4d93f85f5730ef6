//! What every [`SessionStore`] must do, as a test of an implementation: the stores of this crate pass it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::error::StoreError;
use super::session_store::SessionStore;
use super::stored::{StoredLogout, StoredSession, StoredTokens};
use crate::lifecycle::Identity;

/// How many callers do the same at once.
const CROWD: usize = 8;
/// Longer than a lock that is free takes.
const MOMENT: Duration = Duration::from_millis(300);
/// Longer than a lock that was dropped takes to be free, and shorter than one takes to expire.
const AGE: Duration = Duration::from_secs(5);

/// Checks a store. Each call of `open` returns another handle on the same location. The location must be empty at the
/// beginning, and is empty again at the end.
///
/// The check takes a few seconds and needs a tokio runtime with a timer. If it is dropped before its end, it leaves a
/// session in the store.
///
/// ```
/// use prancer_auth::store::{MemoryStore, conformance};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), String> {
/// let store = MemoryStore::default();
/// conformance::check(async || store.clone()).await
/// # }
/// ```
///
/// # Errors
///
/// The rule that the store breaks, or its error.
pub async fn check<S: SessionStore>(open: impl AsyncFn() -> S) -> Result<(), String> {
    let store = Arc::new(open().await);
    let other = Arc::new(open().await);
    empty(&store).await?;
    saves(&store, &other).await?;
    conflicts(&store, &other).await?;
    crowd_of_saves(&open, 4).await?;
    whole_for_readers(&store, &other).await?;
    excludes(&store, &other).await?;
    crowd_of_locks(&open).await?;
    tell(store.remove().await, "remove the session")?;
    empty(&other).await?;
    crowd_of_saves(&open, 0).await?;
    tell(store.remove().await, "remove the session")?;
    empty(&other).await
}

/// A session of this generation, whose texts are long, and not of the simplest kind.
fn session(generation: u64) -> StoredSession {
    let token = |name: &str| format!("canary-{name}-{generation}-{}", "x".repeat(4000));
    let lifetime = Duration::from_secs(86_400);
    let tokens = StoredTokens::new(
        token("access").as_str().into(),
        token("refresh").as_str().into(),
        SystemTime::UNIX_EPOCH + lifetime,
        lifetime,
    );
    StoredSession::new(identity(), tokens).with_generation(generation)
}

fn identity() -> Identity {
    Identity::new("https://portal.prancer.io/t/")
        .with_customer_id("customer \u{1f30d}")
        .with_email("\u{fc}ser \"quoted\"@example.com\n")
}

async fn empty(store: &impl SessionStore) -> Result<(), String> {
    let loaded = tell(store.load().await, "load from an empty store")?;
    claim(loaded.is_none(), "an empty store holds no session")?;
    tell(store.remove().await, "remove from an empty store")
}

async fn saves(store: &impl SessionStore, other: &impl SessionStore) -> Result<(), String> {
    let unknown = StoredSession {
        identity: Identity::new("https://portal.prancer.io/t/"),
        ..session(2)
    };
    let logout = StoredLogout {
        at_ms: 1,
        until_ms: u64::MAX - 1,
    };
    let logged_out = StoredSession::logged_out(identity(), logout).with_generation(3);
    for (session, rule) in [
        (session(1), "what is loaded is what was saved"),
        (unknown, "an unknown customer or user stays unknown"),
        (logged_out, "a logout replaces a session, with its times"),
        (session(4), "a session replaces a logout"),
    ] {
        let saved = store.save(&session, session.generation - 1).await;
        tell(saved, "save a session")?;
        for handle in [store.load(), other.load()] {
            let loaded = tell(handle.await, "load what was saved")?;
            claim(loaded.as_ref() == Some(&session), rule)?;
        }
    }
    Ok(())
}

async fn conflicts(store: &impl SessionStore, other: &impl SessionStore) -> Result<(), String> {
    for expected in [0, 1, 3, 5] {
        let saved = other.save(&session(9), expected).await;
        let conflict = matches!(saved, Err(StoreError::Conflict));
        claim(
            conflict,
            "a save that expects another generation is a conflict",
        )?;
    }
    let loaded = tell(store.load().await, "load after a conflict")?;
    claim(loaded == Some(session(4)), "a conflict changes nothing")
}

async fn crowd_of_saves<S: SessionStore>(
    open: &impl AsyncFn() -> S,
    expected: u64,
) -> Result<(), String> {
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let store = open().await;
        crowd.spawn(async move { store.save(&session(expected + 1), expected).await });
    }
    let mut winners = 0;
    for saved in crowd.join_all().await {
        match saved {
            Ok(()) => winners += 1,
            Err(StoreError::Conflict) => {}
            Err(error) => return Err(format!("save in a crowd: {error}")),
        }
    }
    claim(winners == 1, "of many who replace one generation, one does")
}

async fn whole_for_readers<S: SessionStore>(store: &Arc<S>, other: &S) -> Result<(), String> {
    let store = Arc::clone(store);
    let writer = tokio::spawn(async move {
        for generation in 6..26 {
            store.save(&session(generation), generation - 1).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    });
    while !writer.is_finished() {
        let loaded = tell(other.load().await, "load while others save")?;
        let whole = loaded.is_some_and(|it| it == session(it.generation));
        claim(whole, "a reader sees the old or the new session, whole")?;
        tokio::task::yield_now().await;
    }
    let saved = writer.await.map_err(|error| error.to_string())?;
    tell(saved, "save while others load")
}

async fn excludes<S: SessionStore>(store: &Arc<S>, other: &Arc<S>) -> Result<(), String> {
    let first = tell(store.lock().await, "take a free lock")?;
    let second = timeout(MOMENT, other.lock()).await;
    claim(second.is_err(), "a lock that is held is waited for")?;
    let loaded = tell(other.load().await, "load while it is locked")?;
    claim(loaded.is_some(), "a lock does not stop readers")?;
    let waiter = tokio::spawn({
        let other = Arc::clone(other);
        async move { other.lock().await }
    });
    sleep(MOMENT).await;
    drop(first);
    let third = in_time(waiter, "a lock that is dropped is free").await?;
    let third = third.map_err(|error| error.to_string())?;
    drop(tell(third, "take the lock when it is free")?);
    // Neither does the caller hold it that gave up.
    let last = in_time(
        store.lock(),
        "a caller that gives up waiting leaves no lock behind",
    );
    tell(last.await?, "take the lock again")?.release().await;
    for store in [store, other].into_iter().cycle().take(CROWD) {
        let lock = in_time(store.lock(), "a lock that was released is free");
        let lock = tell(lock.await?, "take a lock that was released")?;
        lock.release().await;
    }
    Ok(())
}

async fn crowd_of_locks<S: SessionStore>(open: &impl AsyncFn() -> S) -> Result<(), String> {
    let (inside, mut crowd) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
    for _ in 0..CROWD {
        let (store, inside) = (open().await, Arc::clone(&inside));
        crowd.spawn(async move {
            let lock = tell(store.lock().await, "take the lock in a crowd")?;
            let alone = inside.fetch_add(1, Ordering::SeqCst) == 0;
            sleep(Duration::from_millis(5)).await;
            inside.fetch_sub(1, Ordering::SeqCst);
            lock.release().await;
            claim(alone, "one holds the lock at a time")
        });
    }
    crowd.join_all().await.into_iter().collect()
}

async fn in_time<T>(call: impl IntoFuture<Output = T>, rule: &str) -> Result<T, String> {
    let done = timeout(AGE, call).await;
    done.map_err(|_| broken(rule))
}

fn tell<T>(result: Result<T, StoreError>, action: &str) -> Result<T, String> {
    result.map_err(|error| format!("{action}: {error}"))
}

fn claim(is_so: bool, rule: &str) -> Result<(), String> {
    is_so.then_some(()).ok_or_else(|| broken(rule))
}

fn broken(rule: &str) -> String {
    format!("broken: {rule}")
}
