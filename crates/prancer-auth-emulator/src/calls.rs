//! Counts of what was called.

use std::sync::atomic::{AtomicU64, Ordering};

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `POST /api/login/`
    Login,
    /// `GET /api/refresh/token/`
    Refresh,
    /// `POST /api/logout/`
    Logout,
    /// `GET /api/user/get/`, a secure API
    User,
    /// `GET /api/collection/list`, a secure API
    Collections,
    /// `GET /api/logs/`, a secure API with paging: `index`, `count`
    Logs,
    /// Any other operation of the document.
    Other,
}

#[derive(Debug, Default)]
pub(crate) struct Calls {
    counts: [AtomicU64; 7],
}

impl Calls {
    pub(crate) fn add(&self, operation: Operation) {
        self.counts[operation as usize].fetch_add(1, Ordering::AcqRel);
    }

    pub(crate) fn count(&self, operation: Operation) -> u64 {
        self.counts[operation as usize].load(Ordering::Acquire)
    }
}
