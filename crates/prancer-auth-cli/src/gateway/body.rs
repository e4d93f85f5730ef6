//! The body of a request that a gateway passes on.

use std::future::pending;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderMap};
use prancer_auth::Error;
use reqwest::Body;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// A request's body is sent again with another token where it is no longer than this; a longer one is sent while it comes.
const REPLAYED: usize = 1024 * 1024;

/// A body that is read, where it is short enough to be sent again; else one that goes on while it comes, and what tells that it was sent.
pub(super) async fn whole_or_stream(
    body: Incoming,
    headers: &mut HeaderMap,
) -> (Body, Option<oneshot::Receiver<()>>) {
    let (mut read, mut length, mut rest) = (Vec::new(), 0, body.into_data_stream());
    while length <= REPLAYED {
        match rest.next().await {
            Some(Ok(piece)) => {
                length += piece.len();
                read.push(Ok(piece));
            }
            Some(Err(error)) => {
                read.push(Err(error));
                break;
            }
            None => {
                headers.remove(CONTENT_LENGTH);
                let whole = read.into_iter().flatten().fold(Vec::new(), joined);
                return (whole.into(), None);
            }
        }
    }
    let (end, sent) = oneshot::channel::<()>();
    let pieces = stream::iter(read).chain(rest).map(move |piece| {
        let _dropped_at_the_end = &end;
        piece
    });
    (Body::wrap_stream(pieces), Some(sent))
}

fn joined(mut whole: Vec<u8>, piece: Bytes) -> Vec<u8> {
    whole.extend_from_slice(&piece);
    whole
}

/// What becomes of a call, which may take so long once its body is sent. Without a streamed body, the session has a limit of its own.
pub(super) async fn answered<T>(
    call: impl Future<Output = Result<T, Error>>,
    sent: Option<oneshot::Receiver<()>>,
    longest: Duration,
) -> Result<T, Error> {
    let late = async {
        let Some(sent) = sent else {
            return pending().await;
        };
        // Nothing is sent by it: the body drops the other half.
        let _ = sent.await;
        sleep(longest).await;
    };
    tokio::select! {
        answer = call => answer,
        () = late => Err(Error::TimedOut(longest)),
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn the_portal_has_so_long_from_the_end_of_a_streamed_body_on() {
        let never = || pending::<Result<(), Error>>();
        let (end, sent) = oneshot::channel();
        let mut call = std::pin::pin!(answered(never(), Some(sent), Duration::ZERO));
        for _ in 0..10 {
            tokio::task::yield_now().await;
            assert!(call.as_mut().now_or_never().is_none(), "while it is sent");
        }
        drop(end);
        assert!(matches!(call.await, Err(Error::TimedOut(_))));
        let whole = answered(never(), None, Duration::ZERO);
        assert!(whole.now_or_never().is_none());
    }
}
