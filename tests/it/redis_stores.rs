//! What a session in Redis promises: who reads it, how long it stays, whose lock it is, and which Redis is asked.

use std::time::{Duration, Instant, SystemTime};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth::Identity;
use prancer_auth::store::{
    InvalidFormat, RedisStore, SealingKey, SessionStore as _, StoreError, StoredLogout,
    StoredSession, StoredTokens,
};
use tokio::runtime::Runtime;

use crate::needs::needs;
use crate::redis_server::RedisServer;
use crate::stores::{HOUR, identity, redis_store, session};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECOND: Duration = Duration::from_secs(1);
const SESSION: &str =
    "prancer-auth:{https://portal.prancer.io/|customer1|user@example.com}:session";
const LOCK: &str = "prancer-auth:{https://portal.prancer.io/|customer1|user@example.com}:lock";
/// The name before customers were told apart.
const LEGACY: &str = "prancer-auth:{https://portal.prancer.io/|user@example.com}:session";

#[tokio::test]
async fn a_sealed_session_shows_no_token_and_opens_with_its_key_alone() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let key = SealingKey::new([7; 32]);
    let sealed = || redis_store(&server).sealed(key.clone());
    let session = session();
    sealed().save(&session, 0).await.unwrap();
    let stored = server.cli(&["HGETALL", SESSION]);
    assert!(
        stored.contains("generation") && !stored.contains("canary"),
        "{stored}"
    );
    assert_eq!(sealed().load().await.unwrap(), Some(session));
    for other in [
        redis_store(&server),
        redis_store(&server).sealed(SealingKey::new([8; 32])),
    ] {
        let read = other.load().await;
        let is_sealed = |source: &InvalidFormat| *source == InvalidFormat::Sealed;
        assert!(matches!(&read, Err(StoreError::Invalid { source, .. }) if is_sealed(source)));
    }
}

#[test]
fn a_lock_is_released_where_the_runtime_that_took_it_is_not_run() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let store = redis_store(&server);
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let (taking, releasing) = (runtime(), runtime());
    let lock = taking.block_on(store.lock()).unwrap();
    assert_eq!(server.cli(&["EXISTS", LOCK]), "1");
    releasing.block_on(lock.release());
    assert_eq!(server.cli(&["EXISTS", LOCK]), "0");
}

#[tokio::test]
async fn a_connection_that_was_closed_while_it_was_idle_fails_nothing() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let (store, session) = (redis_store(&server), session());
    let close = || server.cli(&["CLIENT", "KILL", "TYPE", "normal"]);
    assert_eq!(store.load().await.unwrap(), None);
    assert_eq!(close(), "1");
    store.save(&session, 0).await.unwrap();
    assert_eq!(close(), "1");
    drop(store.lock().await.unwrap());
    assert_eq!(close(), "1");
    assert_eq!(store.load().await.unwrap(), Some(session));
}

#[tokio::test]
async fn with_a_key_only_what_it_opens_is_read_unless_a_step_is_taken() {
    needs!("redis-server");
    let server = RedisServer::start();
    let session = session();
    redis_store(&server).save(&session, 0).await.unwrap();
    let sealed = || redis_store(&server).sealed(SealingKey::new([7; 32]));
    let forged = sealed().load().await.unwrap_err();
    assert!(matches!(forged, StoreError::Invalid { .. }), "{forged:?}");
    let said = forged.to_string();
    assert!(
        said.contains("not sealed") && said.contains("accept_unsealed"),
        "{said}"
    );
    let accepting = sealed().accept_unsealed();
    assert_eq!(accepting.load().await.unwrap(), Some(session.clone()));
    let next = session.with_generation(2);
    accepting.save(&next, 1).await.unwrap();
    assert_eq!(sealed().load().await.unwrap(), Some(next));
}

#[tokio::test]
async fn what_redis_keeps_expires_with_the_refresh_token_where_that_tells() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let store = redis_store(&server);
    store.save(&session(), 0).await.unwrap();
    assert_eq!(
        server.cli(&["PTTL", SESSION]),
        "-1",
        "an opaque token does not tell"
    );
    let emulator = prancer_auth_emulator::Settings::default()
        .refresh_token_lifetime(HOUR)
        .start()
        .unwrap();
    let session = crate::portal::session(&emulator);
    session.token().await.unwrap();
    let stored = session.stored().unwrap().with_generation(2);
    store.save(&stored, 1).await.unwrap();
    let left: u64 = server.cli(&["TTL", SESSION]).parse().unwrap();
    assert!((3000..=3600).contains(&left), "{left}");
}

/// A session whose refresh token says that it ends so.
fn ends(claims: &str) -> StoredSession {
    let refresh = format!("h.{}.s", BASE64_URL_SAFE_NO_PAD.encode(claims));
    let access = "canary-access".into();
    let tokens = StoredTokens::new(access, refresh.as_str().into(), SystemTime::now(), HOUR);
    StoredSession::new(identity(), tokens)
}

#[tokio::test]
async fn a_refresh_token_whose_end_is_past_or_absurd_stays_for_a_while_and_not_for_ever() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let store = redis_store(&server);
    for (claims, days) in [
        (r#"{"iat":1000,"exp":2000}"#, 1),
        (r#"{"exp":2000}"#, 1),
        (r#"{"exp":9e18}"#, 3650),
    ] {
        store.save(&ends(claims), 0).await.unwrap();
        let left: i64 = server.cli(&["TTL", SESSION]).parse().unwrap();
        let days = days * 24 * 60 * 60;
        assert!((days - 60..=days).contains(&left), "{left} s of {days} s");
        store.remove().await.unwrap();
    }
}

#[tokio::test]
async fn a_value_that_is_larger_than_any_session_is_not_fetched() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let store = redis_store(&server);
    store.save(&session(), 0).await.unwrap();
    let script = "redis.call('HSET', KEYS[1], 'session', string.rep(' ', 9 * 1024 * 1024))";
    server.cli(&["EVAL", script, "1", SESSION]);
    let refused = store.load().await.unwrap_err().to_string();
    assert!(refused.contains("larger than any session"), "{refused}");
}

#[tokio::test]
async fn a_redis_lock_ends_with_its_holder_and_a_late_holder_overwrites_nothing() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let expiry = Duration::from_secs(5);
    let store = || redis_store(&server).lock_expiry(expiry);
    // While its holder lives, it is renewed long before it expires.
    let held = store().lock().await.unwrap();
    let left = || server.cli(&["PTTL", LOCK]).parse::<i64>().unwrap();
    let mut before = left();
    loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = left();
        assert!(now > 0, "the lock has expired under its holder");
        if now > before {
            break;
        }
        before = now;
    }
    // The lock of another holder is not released.
    server.cli(&["SET", LOCK, "somebody else"]);
    held.release().await;
    assert_eq!(server.cli(&["GET", LOCK]), "somebody else");
    server.cli(&["DEL", LOCK]);
    // A holder that dies without a word.
    server.cli(&["SET", LOCK, "dead", "PX", "300"]);
    drop(store().lock().await.unwrap());
    // A holder that was paused: another has saved since.
    store().save(&session(), 0).await.unwrap();
    store()
        .save(&session().with_generation(2), 1)
        .await
        .unwrap();
    let late = store().save(&session().with_generation(2), 1).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn a_lock_that_was_released_is_gone_when_release_returns() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let store = redis_store(&server);
    for _ in 0..20 {
        store.lock().await.unwrap().release().await;
        assert_eq!(server.cli(&["EXISTS", LOCK]), "0");
    }
}

#[tokio::test]
async fn releasing_a_lock_ends_though_redis_hangs() {
    needs!("redis-server");
    let server = RedisServer::start();
    let lock = redis_store(&server).lock().await.unwrap();
    server.pause();
    let start = Instant::now();
    lock.release().await;
    assert!(start.elapsed() < 4 * SECOND, "{:?}", start.elapsed());
    server.go_on();
    // The attempt that a drop makes is still under way, or the lock expires.
    let free = tokio::time::timeout(15 * SECOND, redis_store(&server).lock()).await;
    free.unwrap().unwrap().release().await;
}

#[tokio::test]
async fn a_logout_is_remembered_as_long_as_it_says_and_for_a_day_at_least() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let now = SystemTime::now();
    let mut unknown = StoredLogout::new(now, now);
    unknown.until_ms = u64::MAX;
    let mut absurd = unknown;
    absurd.until_ms = u64::MAX - 1;
    for (logout, days) in [
        (StoredLogout::new(now, now + 31 * DAY), 31),
        (StoredLogout::new(now, now + HOUR), 1),
        (StoredLogout::new(now, SystemTime::UNIX_EPOCH), 1),
        (unknown, 90),
        (absurd, 3650),
    ] {
        let store = redis_store(&server);
        let session = StoredSession::logged_out(identity(), logout);
        store.save(&session, 0).await.unwrap();
        let left: u64 = server.cli(&["TTL", SESSION]).parse().unwrap();
        let days = days * DAY.as_secs();
        assert!((days - 60..=days).contains(&left), "{left} s of {days} s");
        store.remove().await.unwrap();
    }
}

#[tokio::test]
async fn a_session_of_the_time_before_customer_ids_is_read_and_moved_at_the_next_save() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let version_2 = r#"{"version": 2, "generation": 5, "portal": "https://portal.prancer.io/", "email": "user@example.com",
        "tokens": {"access_token": "canary-access", "refresh_token": "canary-refresh", "issued_at_ms": 1, "lifetime_ms": 2}}"#;
    let write = || server.cli(&["HSET", LEGACY, "generation", "5", "session", version_2]);
    write();
    let store = redis_store(&server);
    let read = store.load().await.unwrap().unwrap();
    assert_eq!(read.generation, 0);
    assert_eq!(
        read.identity,
        Identity::new("https://portal.prancer.io/").with_email("user@example.com")
    );
    assert_eq!(read.tokens.unwrap().access_token.expose(), "canary-access");
    store.save(&session().with_generation(6), 0).await.unwrap();
    assert_eq!(store.load().await.unwrap().unwrap().generation, 6);
    assert_eq!(server.cli(&["EXISTS", LEGACY]), "0");
    // Where both are there, the new one counts; both are removed.
    write();
    assert_eq!(store.load().await.unwrap().unwrap().generation, 6);
    store.remove().await.unwrap();
    assert_eq!(store.load().await.unwrap(), None);
    assert_eq!(server.cli(&["EXISTS", LEGACY]), "0");
}

fn runtime() -> Runtime {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build().unwrap()
}

#[test]
fn a_store_opens_without_a_runtime_and_outlives_those_that_use_it() {
    needs!("redis-server");
    let server = RedisServer::start();
    let store = redis_store(&server);
    for generation in 1..4 {
        runtime().block_on(async {
            let lock = store.lock().await.unwrap();
            let session = session().with_generation(generation);
            store.save(&session, generation - 1).await.unwrap();
            assert_eq!(store.load().await.unwrap(), Some(session));
            lock.release().await;
        });
    }
    // Nor does one that is not driven hold up another.
    let idle = runtime();
    idle.block_on(store.load()).unwrap();
    let other = runtime();
    other.block_on(store.load()).unwrap();
    idle.block_on(store.load()).unwrap();
}

#[test]
fn many_short_runtimes_share_a_store_and_leave_no_connections() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let store = redis_store(&server);
    let use_it = || {
        for _ in 0..25 {
            Runtime::new()
                .unwrap()
                .block_on(async { store.lock().await.unwrap().release().await });
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(use_it);
        }
    });
    // Redis notices a moment later; this command line is one of them.
    let connections = || server.cli(&["CLIENT", "LIST"]).lines().count();
    let until = Instant::now() + 5 * SECOND;
    while connections() > 1 && Instant::now() < until {
        std::thread::sleep(SECOND / 100);
    }
    assert_eq!(connections(), 1);
}

#[test]
fn a_url_that_cannot_be_read_is_an_error_that_does_not_show_it() {
    for url in [
        "redis://user:canary@host:port",
        "redis://user:canary@",
        "http://user:canary@host",
        "redis://user:canary@host/database",
        "redis://user:can%ffary@host",
        "user:canary@host",
        "redis+unix:///socket?pass=canary&db=x",
    ] {
        let error = RedisStore::open(url, &Identity::new("https://h/")).err();
        let error = error.unwrap_or_else(|| panic!("{url} is read"));
        let shown = format!("{error:?} {}", error.cause());
        assert!(!shown.contains("can"), "{shown}");
    }
}
