//! A million sessions over thirty days of virtual time, on the pure core: how evenly they renew, and what an outage does.
//!
//! Prints a line of JSON for each policy: ours, and fixed windows without jitter. The same seed gives the same lines.

use std::time::{Duration, Instant};

use prancer_auth::Now;
use prancer_auth::lifecycle::{
    Decision, Demand, Event, Exchange, Lifecycle, Policy, apply, decide, fast_path_until,
};
use serde_json::json;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const END: u64 = 30 * DAY;
/// The portal is down for an hour in the middle of the month.
const OUTAGE: std::ops::Range<u64> = 15 * DAY..15 * DAY + HOUR;
const SEED: u64 = 2021;

struct Run {
    policy: Policy,
    random: fastrand::Rng,
    states: Vec<Lifecycle>,
    /// Who is looked at in each second.
    due: Vec<Vec<u32>>,
    /// What the portal was asked in each minute.
    asked: Vec<u32>,
    /// How often somebody came who could not be served.
    unserved: u64,
}

fn moment(second: u64) -> Now {
    let time = Duration::from_secs(DAY * 20_000 + second);
    Now {
        wall: time,
        monotonic: time,
    }
}

impl Run {
    fn new(policy: Policy) -> Self {
        let mut run = Self {
            states: vec![Lifecycle::new(true, &policy); sessions() as usize],
            policy,
            random: fastrand::Rng::with_seed(SEED),
            due: vec![Vec::new(); END as usize],
            asked: vec![0; (END / MINUTE) as usize],
            unserved: 0,
        };
        for session in 0..sessions() {
            let second = run.random.u64(..MINUTE);
            run.due[second as usize].push(session);
        }
        run
    }

    fn run(&mut self) {
        for second in 0..END {
            for session in std::mem::take(&mut self.due[second as usize]) {
                self.look(session, second);
            }
        }
    }

    /// Somebody comes to the session: at the moment when that first makes a difference.
    fn look(&mut self, session: u32, second: u64) {
        let now = moment(second);
        let index = session as usize;
        match decide(&self.states[index], Demand::Good, now, &self.policy) {
            Decision::UseAndStart(exchange) | Decision::Start(exchange) => {
                self.exchange(index, exchange, second);
            }
            _ => {}
        }
        let state = &self.states[index];
        if state.usable(now, &self.policy).is_zero() {
            self.unserved += 1;
        }
        let next = match (fast_path_until(state, &self.policy), state.backoff) {
            (Some(until), _) if now.is_before(until) => until.wall.saturating_sub(now.wall),
            (_, Some(backoff)) => backoff.remaining(now),
            _ => Duration::ZERO,
        };
        let next = second + next.as_secs().max(1);
        if let Some(due) = self.due.get_mut(next as usize) {
            due.push(session);
        }
    }

    fn exchange(&mut self, index: usize, exchange: Exchange, second: u64) {
        let now = moment(second);
        let mut state = apply(
            &self.states[index],
            Event::Started {
                exchange,
                awaited: false,
                supersedes: false,
            },
            now,
            &self.policy,
        );
        while let Some(flight) = state.in_flight.filter(|it| !it.is_saving()) {
            self.asked[(second / MINUTE) as usize] += 1;
            let id = flight.id;
            let chance = self.random.f64();
            let event = if OUTAGE.contains(&second) {
                Event::Failed {
                    id,
                    at_store: false,
                    retry_after: None,
                    chance,
                }
            } else {
                Event::Renewed {
                    id,
                    since: now,
                    lifetime: Duration::from_secs(match exchange {
                        Exchange::LogIn => 7 * DAY,
                        Exchange::Refresh => DAY,
                    }),
                    chance,
                }
            };
            state = apply(&state, event, now, &self.policy);
        }
        let completed = Event::Completed(state.exchanges);
        self.states[index] = apply(&state, completed, now, &self.policy);
    }
}

/// A renewal a fixed time before the end, and no jitter, as other libraries have it.
fn fixed(seconds: u64) -> Policy {
    let window = seconds as f64 / DAY as f64;
    Policy {
        window: (window, window),
        first_window: (window, window),
        ..Policy::STANDARD
    }
}

fn main() {
    for (name, policy) in [
        ("prancer-auth", Policy::STANDARD),
        ("fixed window of 300 s", fixed(300)),
        ("fixed window of 240 s", fixed(240)),
    ] {
        let start = Instant::now();
        let mut run = Run::new(policy);
        run.run();
        let minutes = |seconds: u64| (seconds / MINUTE) as usize;
        // After the first lifetime, and without what the outage does.
        let calm = [
            &run.asked[minutes(7 * DAY)..minutes(OUTAGE.start)],
            &run.asked[minutes(OUTAGE.end + DAY)..],
        ]
        .concat();
        let mean = calm.iter().map(|it| f64::from(*it)).sum::<f64>() / calm.len() as f64;
        let peak = |asked: &[u32]| f64::from(asked.iter().copied().max().unwrap_or_default());
        let after = minutes(OUTAGE.end)..minutes(OUTAGE.end + DAY);
        let hourly: Vec<f64> = run
            .asked
            .chunks(60)
            .map(|hour| hour.iter().map(|it| f64::from(*it)).sum::<f64>() / 3600.0)
            .collect();
        println!(
            "{}",
            json!({
                "simulation": name,
                "sessions": sessions(),
                "days": END / DAY,
                "seed": SEED,
                "mean_per_second": mean / 60.0,
                "peak_over_mean": peak(&calm) / mean,
                "peak_after_outage_over_mean": peak(&run.asked[after]) / mean,
                "unserved": run.unserved,
                "seconds": start.elapsed().as_secs_f64(),
                "hourly_per_second": hourly,
            })
        );
    }
}

/// One for `cargo test`; `cargo bench` simulates many.
fn sessions() -> u32 {
    let measured = std::env::args().any(|it| it == "--bench");
    if measured { 1_000_000 } else { 1 }
}
