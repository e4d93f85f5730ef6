//! What a session makes of its store: it moves tokens by the verdict of [`reconcile`](crate::lifecycle::reconcile).

use super::effects::Effects;
use super::session_state::SessionState;
use crate::error::Error;
use crate::lifecycle::{Event, Local, NoToken, Now, Pending, Remote, Verdict, Version, reconcile};
use crate::store::{StoredLogout, StoredSession};

impl SessionState {
    /// Acts on what the store holds.
    pub(crate) fn reconcile(&mut self, stored: Option<&StoredSession>, now: Now) -> Effects {
        if let (Some(replica), Some(stored)) = (&mut self.replica, stored) {
            replica.order_after(Version::from(stored));
        }
        let verdict = self.compare(stored, now);
        let Some(replica) = &mut self.replica else {
            return Effects::default();
        };
        self.store_failure = None;
        replica.next_sync = now.after(self.policy.store_fresh);
        replica.syncing_until = Now::default();
        replica.remote = stored.map(Version::from);
        replica.foreign = None;
        let unpublished = replica.pending;
        match verdict {
            Verdict::InSync => {
                let pending = std::mem::take(&mut replica.pending);
                // It was saved, but the answer was lost.
                let mut effects = self.end_replaced(pending);
                effects.then(self.heed_rejected_credentials(stored, now));
                effects.then(self.heed_rejected_refresh(stored, now));
                effects
            }
            Verdict::Publish => {
                // Each save raises the generation, which is what the store compares.
                if let Some(local) = &mut replica.local
                    && Some(local.generation) == replica.remote.map(|it| it.generation)
                {
                    local.generation = local.generation.saturating_add(1);
                }
                if replica.pending == Pending::Nothing {
                    let logged_out = self.lifecycle.token == Err(NoToken::LoggedOut);
                    replica.pending = if logged_out {
                        Pending::Logout
                    } else {
                        Pending::Tokens
                    };
                    let at_ms = replica.local.map_or(0, |it| it.issued_at_ms);
                    let until_ms = self.marker_until_ms(&None, now);
                    self.logout = self
                        .logout
                        .or(logged_out.then_some(StoredLogout { at_ms, until_ms }));
                }
                self.will_replace(stored);
                Effects::default()
            }
            Verdict::Supersede => {
                let issued_at_ms = replica.local.map_or(0, |it| it.issued_at_ms);
                replica.local = Some(replica.logged_in(issued_at_ms));
                self.will_replace(stored);
                Effects::default()
            }
            Verdict::Foreign => {
                replica.foreign = stored.map(|it| it.identity.clone());
                let in_flight = self.lifecycle.in_flight;
                let waits = self.tokens.is_none() && in_flight.is_some_and(|it| !it.supersedes);
                match self.foreign() {
                    Some(error) if waits => self.settle(Err(error), now),
                    _ => Effects::default(),
                }
            }
            Verdict::LoggedOutElsewhere => {
                replica.local = replica.remote;
                replica.pending = Pending::Nothing;
                self.logout = stored.and_then(|it| it.logout);
                let (orphan, mut effects) = self.end_session(Event::LoggedOutElsewhere, now);
                // Tokens that no other process knows of: that logout did not end them.
                let orphan = orphan.filter(|_| unpublished != Pending::Nothing);
                effects.to_revoke.extend(orphan);
                effects.then(self.end_replaced(unpublished));
                effects
            }
            Verdict::Adopt => {
                let ours = self.tokens.clone();
                let ours = ours.filter(|_| unpublished == Pending::Login);
                let adopted = stored.and_then(|it| self.adopt(it, now));
                let Some(adopted) = adopted else {
                    return Effects::default();
                };
                self.replaced.extend(ours);
                let mut effects = self.end_replaced(unpublished);
                effects.then(adopted);
                effects.then(self.heed_rejected_refresh(stored, now));
                effects
            }
        }
    }

    fn compare(&self, stored: Option<&StoredSession>, now: Now) -> Verdict {
        let held = stored.filter(|it| it.tokens.is_some() || it.logout.is_some());
        let access = self.tokens.as_ref().map(|it| &it.access);
        let remote = held.map(|it| Remote {
            identity: &it.identity,
            version: Version::from(it),
            same: access.is_none() || it.tokens.as_ref().map(|it| &it.access_token) == access,
            same_login: self.tokens.as_ref().and_then(|it| it.login)
                == it.tokens.as_ref().and_then(|it| it.login),
        });
        let local = Local {
            identity: &self.identity,
            version: self.replica.as_ref().and_then(|it| it.local),
            lasting: self.logout.is_some() || self.has_good_token(now),
            supersedes: self.supersedes(),
        };
        reconcile(local, remote)
    }

    /// Whether a login that a caller asked for has brought what the session has.
    pub(super) fn supersedes(&self) -> bool {
        let in_flight = self.lifecycle.in_flight;
        self.tokens.is_some() && in_flight.is_some_and(|it| it.supersedes && it.is_saving())
    }

    /// Whose session the store holds, where that is not this one's and this one has none.
    pub(crate) fn foreign(&self) -> Option<Error> {
        let replica = self.replica.as_ref().filter(|_| self.tokens.is_none())?;
        let theirs = replica.foreign.as_ref()?;
        Some(Error::of_another(&self.identity, theirs))
    }
}
