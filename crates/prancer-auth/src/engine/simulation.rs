//! Many sessions on one store, in virtual time: whatever happens to them, to the store, to the portal and to the clocks, the rules of
//! a shared session hold. The engine is the real one; the portal and the store are simulated.
//!
//! A history is made of a seed. `PRANCER_HISTORIES` says how many are run, `PRANCER_SEED` which one is run alone.

mod convergence;
mod history;
mod portal;
mod replica;
mod store;
mod world;

use std::env;

use history::HistoryOf;

/// How many histories are tried where nothing else is said.
const HISTORIES: u64 = 10_000;

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

#[test]
fn whatever_happens_the_rules_of_a_shared_session_hold() {
    let seeds = match number("PRANCER_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("PRANCER_HISTORIES").unwrap_or(HISTORIES),
    };
    for seed in seeds {
        let broken = HistoryOf(seed).run();
        assert!(
            broken.is_empty(),
            "history {seed}: {broken:#?}\nrepeat it with PRANCER_SEED={seed}"
        );
    }
}
