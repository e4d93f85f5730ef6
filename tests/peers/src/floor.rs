//! The floor: the least that a published snapshot needs, to load it, read one clock and clone the header.

use crate::measure::Bench;
use crate::token::{LIFETIME, bearer, token};
use arc_swap::ArcSwap;
use http::HeaderValue;
use std::time::Instant;

pub(crate) fn run(bench: &Bench) {
    let mut header = bearer(&token());
    header.set_sensitive(true);
    let header = ArcSwap::from_pointee(header);
    let until = Instant::now() + LIFETIME;
    bench.header("arc-swap", "arc-swap", async || {
        let header = header.load();
        (Instant::now() < until)
            .then(|| HeaderValue::clone(&header))
            .expect("a valid token")
    });
}
