//! Time under shuttle: a short while may pass at any moment, a long one never does.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use shuttle::future::yield_now;
use shuttle::rand::{Rng as _, thread_rng};
pub(crate) use tokio::time::Instant;

const SHORT: Duration = Duration::from_secs(1);

pub(crate) async fn sleep(_: Duration) {
    yield_now().await;
}

/// Fails with nothing where the while has passed.
pub(crate) async fn timeout<T>(limit: Duration, call: impl Future<Output = T>) -> Result<T, ()> {
    let mut call = pin!(call);
    loop {
        let polled = poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await;
        if let Poll::Ready(brought) = polled {
            return Ok(brought);
        }
        if limit < SHORT && thread_rng().gen_bool(0.3) {
            return Err(());
        }
        yield_now().await;
    }
}

pub(crate) async fn within<T>(_: Duration, call: impl Future<Output = T>) -> Option<T> {
    Some(call.await)
}
