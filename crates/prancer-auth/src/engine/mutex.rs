//! The coordinator's mutex. The model checks use shuttle's, which tries the orders of threads.

pub(crate) use std::sync::Mutex;
