//! What a request sends.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use prancer_auth::RequestBuilder;
use serde_json::{Map, Value};
use tokio_util::io::ReaderStream;

use super::Api;
use crate::failure::Failure;

/// How much of a file is in memory at once.
const PIECE: usize = 64 * 1024;

/// What a request sends.
pub(super) enum Body {
    None,
    Bytes(Vec<u8>),
    /// Read while it is sent.
    File(PathBuf),
    Stdin,
}

impl Body {
    pub(super) fn of(arguments: &Api) -> Result<Self, Failure> {
        if let Some(file) = &arguments.input {
            return Ok(match file.to_str() {
                Some("-") => Self::Stdin,
                _ => Self::File(file.clone()),
            });
        }
        if !arguments.fields.is_empty() {
            let text = |(key, value): &(String, String)| (key.clone(), Value::from(value.as_str()));
            let object: Map<_, _> = arguments.fields.iter().map(text).collect();
            return Ok(Self::Bytes(Value::from(object).to_string().into_bytes()));
        }
        let Some(text) = &arguments.body else {
            return Ok(Self::None);
        };
        let failed = |error: io::Error| Failure::new(format!("cannot read {text}"), &error);
        Ok(Self::Bytes(match text.strip_prefix('@') {
            Some("-") => {
                let mut body = Vec::new();
                io::stdin().read_to_end(&mut body).map_err(failed)?;
                body
            }
            Some(file) => fs::read(file).map_err(failed)?,
            None => text.as_bytes().to_vec(),
        }))
    }

    pub(super) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether it can be read anew, though it is sent while it is read.
    pub(super) fn is_file(&self) -> bool {
        matches!(self, Self::File(file) if file.is_file())
    }

    pub(super) async fn put_on(&self, request: RequestBuilder) -> Result<RequestBuilder, Failure> {
        let stream = |file| reqwest::Body::wrap_stream(ReaderStream::with_capacity(file, PIECE));
        Ok(match self {
            Self::None => request,
            Self::Bytes(bytes) => request.body(bytes.clone()),
            Self::Stdin => {
                let piece = PIECE;
                let stdin = ReaderStream::with_capacity(tokio::io::stdin(), piece);
                request.body(reqwest::Body::wrap_stream(stdin))
            }
            Self::File(path) => {
                let (file, length) = open(path).await?;
                let request = match length {
                    Some(length) => request.header(reqwest::header::CONTENT_LENGTH, length),
                    None => request,
                };
                request.body(stream(file))
            }
        })
    }
}

/// A file, and how long it is where it is one that ends there.
async fn open(path: &Path) -> Result<(tokio::fs::File, Option<u64>), Failure> {
    let failed = |error: io::Error| Failure::new(format!("cannot read {}", path.display()), &error);
    let file = tokio::fs::File::open(path).await.map_err(failed)?;
    let metadata = file.metadata().await.map_err(failed)?;
    let length = metadata.is_file().then_some(metadata.len());
    Ok((file, length))
}
