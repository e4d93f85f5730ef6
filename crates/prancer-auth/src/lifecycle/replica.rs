//! What a session knows of its store, and the one comparison that orders a shared session.

use super::identity::Identity;
use super::time::Now;

/// When tokens, or a logout, came to be. A later version takes the place of an earlier one, in every process alike.
///
/// A refresh counts one up. A login and a logout count up to the wall clock at least, so that a store which has lost its memory
/// goes on upwards. A logout is later than every session of its generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Version {
    /// Counts the sessions of one store.
    pub generation: u64,
    /// Whether it is that of a logout.
    pub logged_out: bool,
    /// From before the access token was asked for, or when the logout was made, in milliseconds since 1970.
    pub issued_at_ms: u64,
}

/// What a session knows of its store: only what it has compared and acted on.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Replica {
    /// The version of what the session has, `None` before it has anything.
    pub local: Option<Version>,
    /// What the store holds.
    pub remote: Option<Version>,
    /// What is to be written to the store.
    pub pending: Pending,
    /// The other identity that what the store holds belongs to.
    pub foreign: Option<Identity>,
    /// When the store is to be read again.
    pub next_sync: Now,
    /// Until when a task that reads the store is waited for.
    pub syncing_until: Now,
}

/// What is to be written to the store, because only this session has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pending {
    /// Nothing.
    #[default]
    Nothing,
    /// The tokens, which others may have renewed as well.
    Tokens,
    /// Tokens that the program has brought.
    Resumed,
    /// The tokens of a login that no other process has heard of.
    Login,
    /// The logout.
    Logout,
}

/// What follows from a comparison with the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both have the same, or there is nothing to share.
    InSync,
    /// The store has a later session.
    Adopt,
    /// The store has a later logout.
    LoggedOutElsewhere,
    /// The store holds what belongs to another identity.
    Foreign,
    /// The session has something later.
    Publish,
    /// A login that a caller asked for takes the place of whatever the store holds.
    Supersede,
}

/// What a session has, in a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Local<'a> {
    /// Whose session it is.
    pub identity: &'a Identity,
    /// Its version.
    pub version: Option<Version>,
    /// Whether it is worth writing to a store that has nothing: a logout, or a token that is still good.
    pub lasting: bool,
    /// Whether a login that a caller asked for has just brought it.
    pub supersedes: bool,
}

/// What a store holds, in a comparison.
#[derive(Debug, Clone, Copy)]
pub struct Remote<'a> {
    /// Whose session it is.
    pub identity: &'a Identity,
    /// Its version.
    pub version: Version,
    /// Whether it holds the same tokens, or none as well.
    pub same: bool,
    /// Whether its tokens come of the same login, as far as is known.
    pub same_login: bool,
}

/// Compares what a session has with what the store holds. Nothing else decides what becomes of a shared session.
pub fn reconcile(local: Local<'_>, remote: Option<Remote<'_>>) -> Verdict {
    let Some(remote) = remote else {
        return match local.version {
            // A session whose token has expired is renewed first: others may have logged out meanwhile.
            Some(_) if local.lasting || local.supersedes => Verdict::Publish,
            _ => Verdict::InSync,
        };
    };
    if !local.identity.matches(remote.identity) {
        return match local.version {
            _ if local.supersedes => Verdict::Supersede,
            _ if !remote.version.logged_out => Verdict::Foreign,
            // Another identity's logout ends no session, and holds nothing that could be lost.
            Some(version) if !version.logged_out => Verdict::Publish,
            _ => Verdict::InSync,
        };
    }
    // The later of two refreshes has the refresh token that lives. Of two logins in the same millisecond, the one in the store stays, with
    // what is renewed of it: the other one may be ended already.
    let is_tie = |it: Version| {
        it.generation == remote.version.generation
            && it.logged_out == remote.version.logged_out
            && !remote.same_login
    };
    match local.version {
        Some(version) if version > remote.version && !is_tie(version) => Verdict::Publish,
        Some(version) if version == remote.version && remote.same => Verdict::InSync,
        Some(_) if local.supersedes => Verdict::Supersede,
        None if remote.version.logged_out => Verdict::InSync,
        _ if remote.version.logged_out => Verdict::LoggedOutElsewhere,
        // Ties go to the store: others may already use those tokens.
        _ => Verdict::Adopt,
    }
}

impl Replica {
    /// Tokens that the program has brought are later than a logout if they were issued after it: they may come from another store, which
    /// counts by itself.
    pub fn order_after(&mut self, logout: Version) {
        if let Some(local) = self
            .local
            .as_mut()
            .filter(|_| self.pending == Pending::Resumed)
            && logout.logged_out
            && local.issued_at_ms > logout.issued_at_ms
        {
            local.generation = local.generation.max(logout.generation.saturating_add(1));
        }
    }

    /// The generation that a save replaces, 0 where the store holds nothing.
    pub fn expected(&self) -> u64 {
        self.remote.map_or(0, |it| it.generation)
    }

    /// The version of tokens that a refresh has brought. Generations of another identity in the same store are ignored: else a refresh
    /// could be later than a logout of its own session.
    pub fn refreshed(&self, issued_at_ms: u64) -> Version {
        let newest = match (&self.foreign, self.local) {
            (Some(_), Some(local)) => local.generation,
            _ => self.newest(),
        };
        Version {
            generation: newest.saturating_add(1),
            logged_out: false,
            issued_at_ms,
        }
    }

    /// The version of tokens that a login has brought.
    pub fn logged_in(&self, issued_at_ms: u64) -> Version {
        let generation = self.newest().saturating_add(1).max(issued_at_ms);
        Version {
            generation,
            logged_out: false,
            issued_at_ms,
        }
    }

    /// The version of a logout.
    pub fn logged_out(&self, at_ms: u64) -> Version {
        Version {
            logged_out: true,
            ..self.logged_in(at_ms)
        }
    }

    /// The highest generation that the session knows of.
    fn newest(&self) -> u64 {
        let local = self.local.map_or(0, |it| it.generation);
        local.max(self.expected())
    }
}
