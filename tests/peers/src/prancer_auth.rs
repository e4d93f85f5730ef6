//! Ours: a session that was resumed with a valid token.

use crate::measure::Bench;
use crate::token::{LIFETIME, token};
use prancer_auth::{AccessToken, Portal, Session, StoredSession};
use std::time::{SystemTime, UNIX_EPOCH};

const PEER: &str = "prancer-auth";

pub(crate) fn run(bench: &Bench) {
    let portal = Portal::new("http://localhost").expect("a portal");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let stored = serde_json::json!({
        "version": StoredSession::VERSION,
        "portal": portal.to_string(),
        "access_token": token(),
        "refresh_token": token(),
        "issued_at_ms": u64::try_from(now.expect("a clock").as_millis()).expect("a time"),
        "lifetime_ms": u64::try_from(LIFETIME.as_millis()).expect("a lifetime"),
    });
    let session = Session::builder(portal)
        .resume(serde_json::from_value(stored).expect("a stored session"))
        .build()
        .expect("a session");
    bench.credential(
        PEER,
        PEER,
        |it: &AccessToken| it.expose(),
        async || session.token().await.expect("a token"),
    );
    bench.header(PEER, PEER, async || {
        session.authorization().await.expect("a header")
    });
}
