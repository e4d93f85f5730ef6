//! What a session takes in memory, of a hundred thousand. Prints a line of JSON.
#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::time::{SystemTime, UNIX_EPOCH};

use prancer_auth::{Credentials, Portal, Session, StoredSession, Transport};
use serde_json::json;

fn main() {
    const SESSIONS: usize = 100_000;
    const TOKEN_LENGTH: usize = 700;
    let transport = Transport::new().expect("a transport");
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("a clock");
    let before = resident();
    let sessions: Vec<_> = (0..SESSIONS)
        .map(|i| {
            let portal = Portal::new(Portal::PUBLIC).expect("a portal");
            let portal = portal
                .with_tenant(&format!("customer{i}"))
                .expect("a tenant");
            let credentials =
                Credentials::new(format!("user{i}@example.com"), "password", "customer");
            let stored = json!({
                "version": StoredSession::VERSION,
                "portal": portal.to_string(),
                "access_token": "x".repeat(TOKEN_LENGTH),
                "refresh_token": "x".repeat(TOKEN_LENGTH),
                "issued_at_ms": u64::try_from(now.as_millis()).expect("a time"),
                "lifetime_ms": 24 * 60 * 60 * 1000,
            });
            let stored = serde_json::from_value(stored).expect("a session");
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
            "memory": "a session, of a hundred thousand",
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
