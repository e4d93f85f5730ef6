//! The body of an answer, read whole, but not without end.

use std::time::Duration;

use reqwest::Response;

use crate::api::patience::within;
use crate::error::Error;

/// How much of the body of an answer is read, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit {
    /// In bytes, after unpacking.
    pub(crate) size: usize,
    pub(crate) time: Duration,
}

impl BodyLimit {
    /// The body, if it is not larger and does not take longer.
    pub(crate) async fn read(self, mut response: Response) -> Result<Vec<u8>, Error> {
        let read = async {
            let mut body = Vec::new();
            // What its length says would be read for nothing.
            if response.content_length() > u64::try_from(self.size).ok() {
                return Err(Error::TooLarge(self.size));
            }
            while let Some(chunk) = response.chunk().await.map_err(Error::of_request)? {
                if body.len() + chunk.len() > self.size {
                    return Err(Error::TooLarge(self.size));
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body)
        };
        let read = within(self.time, read).await;
        read.unwrap_or(Err(Error::TimedOut(self.time)))
    }
}
