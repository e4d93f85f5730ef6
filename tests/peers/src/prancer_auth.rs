//! Ours: a session that was resumed with a valid token.

use crate::measure::Bench;
use crate::token::{LIFETIME, token};
use prancer_auth::store::{StoredSession, StoredTokens};
use prancer_auth::{AccessToken, Identity, Portal, Session};
use std::time::SystemTime;

const PEER: &str = "prancer-auth";

pub(crate) fn run(bench: &Bench) {
    let portal = Portal::new("http://localhost").expect("a portal");
    let (access, refresh) = (token().as_str().into(), token().as_str().into());
    let tokens = StoredTokens::new(access, refresh, SystemTime::now(), LIFETIME);
    let identity = Identity::new(portal.to_string()).with_customer_id("customer1");
    let stored = StoredSession::new(identity, tokens);
    let session = Session::builder(portal)
        .resume(stored)
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
