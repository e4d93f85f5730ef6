//! A valid token, as a ready header: ours, and the floor of any that publishes a snapshot and reads a clock.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark fails by panicking"
)]

use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use arc_swap::ArcSwap;
use divan::{AllocProfiler, black_box};
use http::HeaderValue;
use prancer_auth::store::{StoredSession, StoredTokens};
use prancer_auth::{Identity, Portal, Session};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const THREADS: [usize; 2] = [1, 2];
const TOKEN_LENGTH: usize = 700;

static SESSION: LazyLock<Session> = LazyLock::new(session);
static FLOOR: LazyLock<Floor> = LazyLock::new(|| Floor {
    header: ArcSwap::from_pointee(header()),
    until: Instant::now() + std::time::Duration::from_secs(1 << 20),
});

/// The least that a snapshot needs: load it, read one clock, clone the header.
struct Floor {
    header: ArcSwap<HeaderValue>,
    until: Instant,
}

impl Floor {
    fn authorization(&self) -> Option<HeaderValue> {
        let header = self.header.load();
        (Instant::now() < self.until).then(|| HeaderValue::clone(&header))
    }
}

fn header() -> HeaderValue {
    let mut header = HeaderValue::try_from("x".repeat(TOKEN_LENGTH)).expect("a header");
    header.set_sensitive(true);
    header
}

/// A session with a token that is good for a day.
fn session() -> Session {
    let portal = Portal::new("http://localhost").expect("a portal");
    let token = "x".repeat(TOKEN_LENGTH);
    let (access, refresh) = (token.as_str().into(), token.as_str().into());
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let tokens = StoredTokens::new(access, refresh, std::time::SystemTime::now(), day);
    let stored = StoredSession::new(Identity::new(portal.to_string()), tokens);
    Session::builder(portal)
        .resume(stored)
        .build()
        .expect("a session")
}

/// The result of a future that is ready at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a valid token made somebody wait"),
    }
}

#[divan::bench(threads = THREADS, sample_size = 20_000, sample_count = 60)]
fn floor(bencher: divan::Bencher) {
    let floor = &*FLOOR;
    bencher.bench(|| black_box(floor.authorization()));
}

#[divan::bench(threads = THREADS, sample_size = 20_000, sample_count = 60)]
fn prancer_auth_authorization(bencher: divan::Bencher) {
    let session = &*SESSION;
    bencher.bench(|| black_box(ready(session.authorization()).expect("a token")));
}

#[divan::bench(threads = THREADS, sample_size = 20_000, sample_count = 60)]
fn prancer_auth_token(bencher: divan::Bencher) {
    let session = &*SESSION;
    bencher.bench(|| black_box(ready(session.token()).expect("a token")));
}

fn main() {
    divan::main();
}
