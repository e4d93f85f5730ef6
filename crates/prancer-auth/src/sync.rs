//! The locks that the hub is built on. A test builds it on others, which try every order of things.

pub(crate) use std::sync::{Mutex, MutexGuard};
