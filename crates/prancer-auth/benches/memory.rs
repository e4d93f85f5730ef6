//! What a session takes in memory, of a hundred thousand. Prints a line of JSON.
#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use prancer_auth::store::{StoredSession, StoredTokens};
use prancer_auth::{Credentials, Identity, Portal, Session, Transport};
use serde_json::json;

fn main() {
    // `cargo test` runs this for one iteration.
    let once = !std::env::args().any(|it| it == "--bench");
    let count = if once { 1 } else { 100_000 };
    const TOKEN_LENGTH: usize = 700;
    let transport = Transport::new();
    let before = resident();
    let sessions: Vec<_> = (0..count)
        .map(|i| {
            let portal = Portal::new(Portal::PUBLIC).expect("a portal");
            let portal = portal
                .with_tenant(&format!("customer{i}"))
                .expect("a tenant");
            let credentials =
                Credentials::new(format!("user{i}@example.com"), "password", "customer");
            let token = "x".repeat(TOKEN_LENGTH);
            let (access, refresh) = (token.as_str().into(), token.as_str().into());
            let day = std::time::Duration::from_secs(24 * 60 * 60);
            let tokens = StoredTokens::new(access, refresh, std::time::SystemTime::now(), day);
            let stored = StoredSession::new(Identity::new(portal.to_string()), tokens);
            let builder = Session::builder(portal)
                .credentials(credentials)
                .resume(stored);
            builder
                .transport(transport.clone())
                .build()
                .expect("a session")
        })
        .collect();
    let taken = resident().saturating_sub(before) / sessions.len();
    println!(
        "{}",
        json!({
            "memory": "a session, of many",
            "sessions": count,
            "bytes": taken,
            "of_tokens": 2 * TOKEN_LENGTH,
            "of_the_header": TOKEN_LENGTH + "Bearer ".len(),
            "beside": taken.saturating_sub(3 * TOKEN_LENGTH + "Bearer ".len()),
        })
    );
}

/// The memory that the process has in use, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    kilobytes.unwrap_or_default() * 1024
}
