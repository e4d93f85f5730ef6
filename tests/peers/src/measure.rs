//! The harness: how long a call takes on one thread and on two, and how often it allocates.

use crate::token::{bearer, token};
use crate::versions::version;
use allocation_counter::opt_out;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use std::hint::black_box;
use std::pin::pin;
use std::sync::Barrier;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Runtime};

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(20);
const COUNTED: u32 = 1000;

/// A header that is ready to be sent.
pub(crate) trait Header {
    fn authorization(&self) -> Option<&HeaderValue>;
}

impl Header for HeaderValue {
    fn authorization(&self) -> Option<&HeaderValue> {
        Some(self)
    }
}

impl Header for HeaderMap {
    fn authorization(&self) -> Option<&HeaderValue> {
        self.get(AUTHORIZATION)
    }
}

/// Measures peers and prints what it finds.
pub(crate) struct Bench {
    runtime: Runtime,
    /// Nothing is measured: every call is made once, and must give the token.
    once: bool,
}

impl Bench {
    pub(crate) fn new(once: bool) -> Self {
        let runtime = runtime();
        Self { runtime, once }
    }

    /// Runs what prepares a peer, on the runtime that its first measurement also has.
    pub(crate) fn prepare<T>(&self, preparation: impl Future<Output = T>) -> T {
        self.runtime.block_on(preparation)
    }

    /// Measures a call that returns a ready header.
    pub(crate) fn header<T: Header>(
        &self,
        peer: &str,
        package: &str,
        call: impl AsyncFn() -> T + Sync,
    ) {
        let header = self.prepare(call());
        assert_eq!(header.authorization(), Some(&bearer(&token())), "{peer}");
        self.measure(peer, package, "header", call);
    }

    /// Measures a call that returns a token in the type of its library, which `text` reads.
    pub(crate) fn credential<T>(
        &self,
        peer: &str,
        package: &str,
        text: impl Fn(&T) -> &str,
        call: impl AsyncFn() -> T + Sync,
    ) {
        assert_eq!(text(&self.prepare(call())), token(), "{peer}");
        self.measure(peer, package, "credential", call);
    }

    fn measure<T>(
        &self,
        peer: &str,
        package: &str,
        result: &str,
        call: impl AsyncFn() -> T + Sync,
    ) {
        if self.once {
            println!("{peer} gives a {result}");
            return;
        }
        let allocations = self.allocations(&call);
        let calls = self.calls(&call);
        let ns = self.one_thread(&call, calls);
        let ns_two_threads = two_threads(&call, calls);
        let version = version(package);
        println!(
            r#"{{"peer": "{peer}", "version": "{version}", "result": "{result}", "ns": {ns:.1}, "ns_two_threads": {ns_two_threads:.1}, "allocations": {allocations:.3}}}"#
        );
    }

    /// The allocations of a call, which has to be ready at once.
    fn allocations<T>(&self, call: &impl AsyncFn() -> T) -> f64 {
        let _context = self.runtime.enter();
        let counted = allocation_counter::measure(|| {
            for _ in 0..COUNTED {
                match pin!(call()).poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(value) => drop(black_box(value)),
                    Poll::Pending => panic!("a valid token made somebody wait"),
                }
            }
        });
        counted.count_total as f64 / f64::from(COUNTED)
    }

    /// The number of calls that take a round, and a warm-up.
    fn calls<T>(&self, call: &impl AsyncFn() -> T) -> u32 {
        let mut calls = 1;
        loop {
            let (start, end) = round(&self.runtime, call, calls);
            let time = end - start;
            if time > ROUND / 4 {
                return (f64::from(calls) * ROUND.div_duration_f64(time)).ceil() as u32;
            }
            calls *= 2;
        }
    }

    fn one_thread<T>(&self, call: &impl AsyncFn() -> T, calls: u32) -> f64 {
        let times = (0..ROUNDS).map(|_| {
            let (start, end) = round(&self.runtime, call, calls);
            end - start
        });
        median(times.collect()) / f64::from(calls)
    }
}

/// Two threads that begin every round together: the time from the first start to the last end, for all calls of both.
fn two_threads<T>(call: &(impl AsyncFn() -> T + Sync), calls: u32) -> f64 {
    let barrier = Barrier::new(2);
    let rounds = || {
        let runtime = runtime();
        (0..=ROUNDS)
            .map(|_| {
                barrier.wait();
                round(&runtime, call, calls)
            })
            .collect::<Vec<_>>()
    };
    let (one, other) = std::thread::scope(|scope| {
        let other = scope.spawn(rounds);
        (rounds(), other.join().expect("a thread"))
    });
    // The first round warms up.
    let times = one
        .into_iter()
        .zip(other)
        .skip(1)
        .map(|(one, other)| one.1.max(other.1) - one.0.min(other.0));
    median(times.collect()) / f64::from(2 * calls)
}

/// When a round started and ended. Tokio's budget would charge only the peers whose locks are its own: it does not count here.
/// Nor does the counting of allocations.
fn round<T>(runtime: &Runtime, call: &impl AsyncFn() -> T, calls: u32) -> (Instant, Instant) {
    let mut times = None;
    opt_out(|| {
        times = Some(runtime.block_on(tokio::task::unconstrained(async {
            let start = Instant::now();
            for _ in 0..calls {
                black_box(call().await);
            }
            (start, Instant::now())
        })));
    });
    times.expect("a round")
}

/// The median in nanoseconds.
fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e9
}

fn runtime() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
