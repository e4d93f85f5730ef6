//! How exchanges wait. In the model checks, time passes at will.

pub(crate) use tokio::time::{Instant, sleep, timeout};

pub(crate) use crate::api::patience::within;
