//! The lock that the coordinator is built on. A test builds it on another one, which tries the orders of threads.

pub(crate) use std::sync::Mutex;
