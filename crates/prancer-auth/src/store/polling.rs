//! Waits for a lock by trying again.

use std::time::Duration;

use tokio::time::sleep;

/// The first pause between two tries: about as long as a save takes.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);
/// The longest one: a tenth of a usual exchange with the portal, and hundreds of waiters still cost next to nothing.
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// What `attempt` brings once it brings something.
///
/// Nobody waits in a queue: a waiter that is not run any more would be given the lock there, and never take it.
pub(super) async fn until_some<T, E>(
    mut attempt: impl FnMut() -> Result<Option<T>, E>,
) -> Result<T, E> {
    let mut pause = SHORTEST_PAUSE;
    loop {
        if let Some(brought) = attempt()? {
            return Ok(brought);
        }
        // Drawn, so that many who begin together do not try together.
        sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
