//! What is waited for, shown on a terminal when it takes long.

use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tokio::time::sleep;

/// What takes less is not worth a word.
const SOON: Duration = Duration::from_millis(300);
const TICK: Duration = Duration::from_millis(80);

/// Waits, and says for what if it takes long and a person is there to see it.
pub(crate) async fn wait<T>(what: &'static str, quiet: bool, call: impl Future<Output = T>) -> T {
    if quiet || !stderr().is_terminal() {
        return call.await;
    }
    let mut call = std::pin::pin!(call);
    tokio::select! {
        done = &mut call => return done,
        () = sleep(SOON) => {}
    }
    let bar = ProgressBar::new_spinner().with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    let done = call.await;
    bar.finish_and_clear();
    done
}
