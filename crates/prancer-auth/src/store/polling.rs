//! Waits for a lock by trying again.

use std::time::Duration;

use tokio::time::sleep;

/// The first pause between two tries: about as long as a save takes.
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);
/// The longest one: a tenth of a usual exchange with the portal, and hundreds of waiters still cost next to nothing.
const LONGEST_PAUSE: Duration = Duration::from_millis(25);

/// What `attempt` brings once it brings something.
///
/// There is no queue: a waiter that is not run any more would be given the lock there, and never take it.
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn tries_are_spread_over_the_second_half_of_pauses_that_grow() {
        const TRIES: u32 = 400;
        fastrand::seed(1);
        let (begun, mut tries) = (Instant::now(), 0);
        let brought = until_some(|| {
            tries += 1;
            Ok::<_, Infallible>((tries > TRIES).then_some(tries))
        });
        assert_eq!(brought.await, Ok(TRIES + 1));
        // 2, 4, 8, 16, then 25 ms each, of which three quarters on average; a timer is up to 1 ms late.
        let longest = Duration::from_millis(30) + LONGEST_PAUSE * (TRIES - 4);
        let (least, most) = (longest.mul_f64(0.70), longest.mul_f64(0.85));
        let took = begun.elapsed();
        assert!(least < took && took < most, "{least:?} {took:?} {most:?}");
    }

    #[tokio::test]
    async fn an_error_ends_the_waiting() {
        assert_eq!(
            until_some(|| Err::<Option<()>, _>("broken")).await,
            Err("broken")
        );
    }
}
