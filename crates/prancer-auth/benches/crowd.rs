//! A thousand callers at once, and what a session costs a request, against a real emulator on loopback. Prints a line of JSON for each figure.
#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use prancer_auth::{Credentials, Portal, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::StatusCode;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

const CALLERS: usize = 1000;
const LATENCY: Duration = Duration::from_millis(20);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn main() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        for case in CASES {
            crowd(case).await;
        }
        throughput().await;
    });
}

/// What a thousand callers find.
struct Case {
    name: &'static str,
    /// The age of the login's token, whose life is `lifetime`.
    age: Duration,
    lifetime: Duration,
    answer: Answer,
    first_goes_away: bool,
}

enum Answer {
    Success,
    Rejection,
    Trouble,
}

const CASES: [Case; 7] = [
    Case::new(
        "expired, the exchange succeeds",
        8 * DAY.as_secs(),
        Answer::Success,
    ),
    Case::new(
        "expired, the exchange is rejected",
        8 * DAY.as_secs(),
        Answer::Rejection,
    ),
    Case::new(
        "expired, the exchange fails with 503",
        8 * DAY.as_secs(),
        Answer::Trouble,
    ),
    Case {
        first_goes_away: true,
        ..Case::new(
            "expired, the first caller goes away",
            8 * DAY.as_secs(),
            Answer::Success,
        )
    },
    Case::new(
        "in the window, the exchange succeeds",
        7 * DAY.as_secs() - 1800,
        Answer::Success,
    ),
    Case::new(
        "in the window, the exchange fails with 503",
        7 * DAY.as_secs() - 1800,
        Answer::Trouble,
    ),
    Case {
        lifetime: Duration::from_secs(5),
        ..Case::new(
            "a life that is always shorter than a minute",
            0,
            Answer::Success,
        )
    },
];

impl Case {
    const fn new(name: &'static str, age_s: u64, answer: Answer) -> Self {
        Self {
            name,
            age: Duration::from_secs(age_s),
            lifetime: Duration::from_secs(7 * 24 * 60 * 60),
            answer,
            first_goes_away: false,
        }
    }
}

/// A session without credentials whose token is so old.
async fn session(emulator: &Emulator, case: &Case) -> Session {
    let portal = Portal::new(&emulator.url()).expect("a portal");
    let user = emulator.user();
    let credentials = Credentials::new(&user.email, user.password.clone(), &user.customer_id);
    let first = Session::builder(portal.clone())
        .credentials(credentials)
        .build()
        .expect("a session");
    first.token().await.expect("a token");
    let mut stored = first.stored().expect("tokens");
    let tokens = stored.tokens.as_mut().expect("tokens");
    tokens.issued_at_ms -= u64::try_from(case.age.as_millis()).expect("an age");
    Session::builder(portal)
        .resume(stored)
        .build()
        .expect("a session")
}

async fn crowd(case: Case) {
    let emulator = Settings::default()
        .latency(LATENCY)
        .login_lifetime(case.lifetime)
        .refresh_lifetime(case.lifetime.min(DAY))
        .start()
        .expect("an emulator");
    let session = session(&emulator, &case).await;
    let fault = match case.answer {
        Answer::Success => None,
        Answer::Rejection => {
            let said = r#"{"msg": "Token has expired"}"#;
            Some(Fault::json(StatusCode::UNAUTHORIZED, said))
        }
        Answer::Trouble => Some(Fault::status(StatusCode::SERVICE_UNAVAILABLE)),
    };
    for _ in 0..10 {
        if let Some(fault) = &fault {
            emulator.fail_next(Operation::Refresh, fault.clone());
        }
    }
    if case.first_goes_away {
        let first = tokio::spawn({
            let session = session.clone();
            async move { session.token().await }
        });
        while !session.status().exchanging {
            tokio::task::yield_now().await;
        }
        first.abort();
    }
    let start_together = Arc::new(Barrier::new(CALLERS));
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (session, start_together) = (session.clone(), Arc::clone(&start_together));
        callers.spawn(async move {
            start_together.wait().await;
            let start = Instant::now();
            let served = session.authorization().await.is_ok();
            (start, start.elapsed(), served)
        });
    }
    let answers = callers.join_all().await;
    let first = answers
        .iter()
        .map(|(start, ..)| *start)
        .min()
        .expect("callers");
    while session.status().exchanging {
        tokio::time::sleep(Duration::from_micros(100)).await;
    }
    let exchange = first.elapsed();
    let mut waits: Vec<_> = answers.iter().map(|(_, wait, _)| *wait).collect();
    waits.sort();
    let micros = |wait: Duration| wait.as_secs_f64() * 1e6;
    println!(
        "{}",
        json!({
            "crowd": case.name,
            "callers": CALLERS,
            "served": answers.iter().filter(|(_, _, served)| *served).count(),
            "exchanges": session.status().exchanges,
            "requests": emulator.calls(Operation::Refresh),
            "wait_p50_us": micros(waits[CALLERS / 2]),
            "wait_max_us": micros(waits[CALLERS - 1]),
            "exchange_us": micros(exchange),
        })
    );
}

/// Authenticated GETs against bare ones with a fixed header, many at once. They take turns, short ones, and each goes first as
/// often as the other, so that what else the machine does meets both.
async fn throughput() {
    let turns = if once() { 2 } else { 801 };
    const AT_ONCE: usize = 16;
    const REQUESTS: usize = 10;
    let emulator = Emulator::start().expect("an emulator");
    let session = session(&emulator, &Case::new("", 0, Answer::Success)).await;
    let url = format!("{}/api/user/get/", emulator.url());
    let bare = reqwest::Client::new();
    let header = session.authorization().await.expect("a token");
    let of_bare = async || {
        let (bare, url, header) = (bare.clone(), url.clone(), header.clone());
        let get = move || {
            let request = bare.get(&url).header("authorization", header.clone());
            async move { request.send().await.expect("an answer") }
        };
        turn(AT_ONCE, REQUESTS, get).await
    };
    let of_session = async || {
        let session = session.clone();
        let get = move || {
            let request = session.get("user/get/");
            async move { request.send().await.expect("an answer") }
        };
        turn(AT_ONCE, REQUESTS, get).await
    };
    let mut ratios = Vec::new();
    for number in 0..turns {
        let (bare, session) = if number % 2 == 0 {
            let bare = of_bare().await;
            (bare, of_session().await)
        } else {
            let session = of_session().await;
            (of_bare().await, session)
        };
        // The first turn warms up.
        if number > 0 {
            ratios.push(bare / session);
        }
    }
    ratios.sort_by(f64::total_cmp);
    println!(
        "{}",
        json!({
            "throughput": "authenticated GETs on loopback, against bare reqwest with a fixed header",
            "at_once": AT_ONCE,
            "requests": REQUESTS * AT_ONCE * (turns - 1),
            "ratio_quarter": ratios[ratios.len() / 4],
            "ratio_median": ratios[ratios.len() / 2],
            "ratio_three_quarters": ratios[ratios.len() * 3 / 4],
        })
    );
}

/// So many at once send so many requests each; how many seconds that takes.
async fn turn<G, F>(at_once: usize, requests: usize, get: G) -> f64
where
    G: Fn() -> F + Clone + Send + 'static,
    F: Future<Output = reqwest::Response> + Send,
{
    let start = Instant::now();
    let mut callers = JoinSet::new();
    for _ in 0..at_once {
        let get = get.clone();
        callers.spawn(async move {
            for _ in 0..requests {
                let body = get().await.bytes().await.expect("a body");
                assert!(!body.is_empty());
            }
        });
    }
    callers.join_all().await;
    start.elapsed().as_secs_f64()
}

/// Whether `cargo test` runs this, for one iteration; `cargo bench` measures.
fn once() -> bool {
    !std::env::args().any(|it| it == "--bench")
}
