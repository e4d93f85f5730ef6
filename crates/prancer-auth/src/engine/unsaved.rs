//! What only this session has, and its store is to hold.

use super::effects::Effects;
use super::session_state::SessionState;
use crate::api::tokens::Tokens;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{Now, Pending, Phase, Version};
use crate::store::{StoreError, StoredSession, StoredTokens, milliseconds};

/// What is to be written to the store.
pub(crate) struct Unsaved {
    pub(crate) session: StoredSession,
    /// The generation that it replaces.
    pub(crate) expected: u64,
    version: Version,
    /// Whether it is a login or a logout, which ends what it replaces.
    ends: bool,
    /// The tokens in the store that it replaces. A copy: before the save returns, another task may read the store and clear
    /// the session's own note of them.
    replaces: Option<Box<Tokens>>,
}

impl SessionState {
    /// What only this session has, and the store is to hold.
    pub(crate) fn unsaved(&self) -> Option<Unsaved> {
        let replica = self.replica.as_ref()?;
        let version = replica
            .local
            .filter(|_| replica.pending != Pending::Nothing)?;
        if replica.foreign.is_some() && !self.supersedes() {
            return None;
        }
        let session = match (self.lifecycle.phase, self.logout) {
            (Phase::LoggedOut, Some(logout)) => {
                StoredSession::logged_out(self.identity.clone(), logout)
            }
            _ => self.stored()?,
        };
        let ends = matches!(replica.pending, Pending::Login | Pending::Logout);
        Some(Unsaved {
            session: session.with_generation(version.generation),
            expected: replica.expected(),
            version,
            ends,
            replaces: self.replaces.clone().filter(|_| ends),
        })
    }

    /// That nothing waits for the store to be written, or why.
    pub(crate) fn is_saved(&self) -> Result<(), Error> {
        if let (Some(error), Some(_)) = (&self.store_failure, self.unsaved()) {
            return Err(Error::Store(error.clone()));
        }
        let replica = self.replica.as_ref();
        let unsaved = replica
            .filter(|it| !matches!(it.pending, Pending::Nothing | Pending::Logout))
            .and_then(|it| it.foreign.as_ref());
        match unsaved {
            Some(theirs) => Err(Error::of_another(&self.identity, theirs)),
            None => Ok(()),
        }
    }

    /// Marks `saved` as stored; later changes stay pending. The session that a login or a logout has replaced there is to be ended.
    pub(crate) fn saved(&mut self, saved: Unsaved, now: Now) -> Effects {
        self.store_failure = None;
        let mut effects = Effects::default();
        let fresh = now.after(self.policy.store_fresh);
        if let Some(replica) = &mut self.replica {
            replica.remote = Some(saved.version);
            replica.foreign = None;
            if replica.local == replica.remote {
                replica.pending = Pending::Nothing;
                replica.next_sync = fresh;
            }
        }
        if saved.ends {
            self.replaces = None;
            effects = self.end_replaced(saved.replaces);
        }
        effects
    }

    /// A login or a logout is in the store: the tokens of this session that it has replaced, and those in the store, are to be ended.
    pub(super) fn end_replaced(&mut self, theirs: Option<Box<Tokens>>) -> Effects {
        let mut replaced = std::mem::take(&mut self.replaced);
        let theirs = theirs.map(|it| *it);
        replaced.extend(theirs.filter(|it| replaced.iter().all(|ours| ours.access != it.access)));
        self.revoke_others(replaced)
    }

    /// Ends those tokens that come of another login than the session's own: ending any token of a login ends all of them.
    pub(super) fn revoke_others(&self, mut tokens: Vec<Tokens>) -> Effects {
        if let Some(held) = &self.tokens {
            tokens.retain(|it| it.login != held.login);
        }
        Effects::revoke(tokens)
    }

    /// The store failed, and is left alone for a while. It is told when that is news.
    pub(crate) fn store_failed(&mut self, error: StoreError, now: Now) -> Effects {
        let news = self.store_failure.is_none();
        self.store_failure = Some(error.clone());
        if let Some(replica) = &mut self.replica {
            replica.next_sync = now.after(self.policy.store_pause);
            replica.syncing_until = Now::default();
        }
        Effects {
            events: news
                .then_some(SessionEvent::StoreFailed(error))
                .into_iter()
                .collect(),
            ..Effects::default()
        }
    }

    /// Whether another task waits for the store to answer.
    pub(crate) fn store_is_read(&self, now: Now) -> bool {
        let replica = self.replica.as_ref();
        replica.is_some_and(|it| now.is_before(it.syncing_until))
    }

    /// Whether the store failed so short ago that this is still what is known of it.
    pub(crate) fn store_has_just_failed(&self, now: Now) -> bool {
        let replica = self.replica.as_ref();
        let replica = replica.filter(|_| self.store_failure.is_some());
        let passed = self
            .policy
            .store_pause
            .saturating_sub(self.policy.store_fresh);
        replica.is_some_and(|it| now.is_before(it.next_sync.before(passed)))
    }

    /// The session in a form that another process can resume, `None` where there are no tokens.
    pub(crate) fn stored(&self) -> Option<StoredSession> {
        let Phase::LoggedIn(life) = self.lifecycle.phase else {
            return None;
        };
        let tokens = self.tokens.as_ref()?;
        let version = self.replica.as_ref().and_then(|it| it.local);
        let issued_at_ms = milliseconds(life.since.wall);
        let (generation, issued_at_ms) =
            version.map_or((1, issued_at_ms), |it| (it.generation, it.issued_at_ms));
        let stored = StoredTokens {
            access_token: tokens.access.clone(),
            refresh_token: tokens.refresh.clone(),
            issued_at_ms,
            lifetime_ms: milliseconds(life.lifetime),
            login: tokens.login,
        };
        let session = StoredSession::new(self.identity.clone(), stored);
        Some(session.with_generation(generation))
    }
}
