//! What only this session has, and its store is to hold.

use super::effects::Effects;
use super::session_state::SessionState;
use crate::api::tokens::Tokens;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{NoToken, Now, Pending, Version};
use crate::store::{StoreError, StoredSession, StoredTokens, milliseconds};

/// What is to be written to the store.
pub(crate) struct Unsaved {
    pub(crate) session: StoredSession,
    /// The generation that it replaces.
    pub(crate) expected: u64,
    version: Version,
    pending: Pending,
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
        let session = match (self.lifecycle.token, self.logout) {
            (Err(NoToken::LoggedOut), Some(logout)) => {
                StoredSession::logged_out(self.identity.clone(), logout)
            }
            _ => self.stored()?,
        };
        Some(Unsaved {
            session: session.with_generation(version.generation),
            expected: replica.expected(),
            version,
            pending: replica.pending,
        })
    }

    /// That nothing waits for the store to be written, or why.
    pub(crate) fn is_saved(&self) -> Result<(), Error> {
        if let (Some(failure), Some(_)) = (&self.store_failure, self.unsaved()) {
            return Err(Error::Store(failure.0.clone()));
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
        if let Some(replica) = &mut self.replica {
            replica.remote = Some(saved.version);
            replica.foreign = None;
            if replica.local == replica.remote {
                replica.pending = Pending::Nothing;
                replica.next_sync = now.after(self.policy.store_fresh);
                return self.end_replaced(saved.pending);
            }
        }
        Effects::default()
    }

    /// The session is to replace what the store holds. What belongs to another identity is not this session's to end.
    pub(super) fn will_replace(&mut self, stored: Option<&StoredSession>) {
        let theirs = stored.filter(|it| self.identity.matches(&it.identity));
        let theirs = theirs.and_then(|it| Tokens::try_from(it.tokens.clone()?).ok());
        if let Some(theirs) = theirs {
            self.replaced.retain(|it| it.access != theirs.access);
            self.replaced.push(theirs);
        }
    }

    /// What was pending is in the store. The tokens that a login or a logout has replaced are ended, but for those of the login that the
    /// session has: ending any token of a login ends all of them.
    pub(super) fn end_replaced(&mut self, saved: Pending) -> Effects {
        let ends = matches!(saved, Pending::Login | Pending::Logout);
        let held = self.tokens.as_ref().map(|it| it.login);
        let replaced = std::mem::take(&mut self.replaced).into_iter();
        Effects::revoke(replaced.filter(|it| ends && Some(it.login) != held))
    }

    /// The store failed, and is left alone for a while. It is told when that is news.
    pub(crate) fn store_failed(&mut self, error: StoreError, now: Now) -> Effects {
        let before = self.store_failure.replace(Box::new((error.clone(), now)));
        if let Some(replica) = &mut self.replica {
            replica.next_sync = now.after(self.policy.store_pause);
            replica.syncing_until = Now::default();
        }
        match before {
            Some(_) => Effects::default(),
            None => Effects::event(SessionEvent::StoreFailed(error)),
        }
    }

    /// Whether another task waits for the store to answer.
    pub(crate) fn store_is_read(&self, now: Now) -> bool {
        let replica = self.replica.as_ref();
        replica.is_some_and(|it| now.is_before(it.syncing_until))
    }

    /// Whether the store failed so short ago that this is still what is known of it.
    pub(crate) fn store_has_just_failed(&self, now: Now) -> bool {
        let failure = self.store_failure.as_ref();
        failure.is_some_and(|it| now.since(it.1) < self.policy.store_fresh)
    }

    /// The session in a form that another process can resume, `None` where there are no tokens.
    pub(crate) fn stored(&self) -> Option<StoredSession> {
        let life = self.lifecycle.token.ok()?;
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
