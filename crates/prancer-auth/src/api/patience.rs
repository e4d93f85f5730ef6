//! How long an answer is waited for.

use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, timeout};

/// By how much a time limit is overrun when the runtime was not run meanwhile.
const LATE: Duration = Duration::from_millis(100);
/// How long an answer is looked for then: it may be here, and unread.
const GRACE: Duration = Duration::from_secs(1);

/// What the call brings within so long, else `None`.
pub(crate) async fn within<T>(limit: Duration, call: impl Future<Output = T>) -> Option<T> {
    let (mut call, start) = (pin!(call), Instant::now());
    match timeout(limit, &mut call).await {
        Ok(brought) => Some(brought),
        // A runtime that was not run meanwhile has not read what is here.
        Err(_) if start.elapsed() > limit.saturating_add(LATE) => timeout(GRACE, call).await.ok(),
        Err(_) => None,
    }
}
