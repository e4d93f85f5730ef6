//! The body of an answer, read whole, but not without end.

use std::time::Duration;

use reqwest::Response;

use super::patience::within;

/// How much of the body of an answer is read, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BodyLimit {
    /// In bytes, after unpacking.
    pub(crate) size: usize,
    pub(crate) time: Duration,
}

/// Why a body could not be read.
#[derive(Debug)]
pub(crate) enum NoBody {
    TooLarge,
    TooLate,
    Broken(reqwest::Error),
}

impl BodyLimit {
    /// The body, if it is not larger and does not take longer.
    pub(crate) async fn read(self, mut response: Response) -> Result<Vec<u8>, NoBody> {
        let read = async {
            let mut body = Vec::new();
            // What its length says would be read for nothing.
            if response.content_length() > u64::try_from(self.size).ok() {
                return Err(NoBody::TooLarge);
            }
            while let Some(chunk) = response.chunk().await.map_err(NoBody::Broken)? {
                if body.len() + chunk.len() > self.size {
                    return Err(NoBody::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(body)
        };
        within(self.time, read)
            .await
            .unwrap_or(Err(NoBody::TooLate))
    }
}
