//! What a session makes of its store: it moves tokens by the verdict of [`reconcile`](crate::lifecycle::reconcile).

use std::time::Duration;

use super::effects::Effects;
use super::session_state::SessionState;
use crate::api::rejection::Rejection;
use crate::api::tokens::Tokens;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{
    Event, Exchange, Life, Local, Now, Pending, Phase, Remote, Verdict, Version, reconcile,
};
use crate::store::{StoredLogout, StoredRejection, StoredSession};

/// Whether the store is to be read before a token is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncDue {
    /// What is known is recent enough.
    Not,
    /// First.
    First,
    /// The store failed last time, and the token is good: the caller does not wait for it.
    Behind,
    /// Another task of this process does it, and there is no good token: wait for it.
    Elsewhere,
}

impl SessionState {
    /// Acts on what the store holds. `own` is the exchange that has read it, if one has.
    pub(crate) fn reconcile(
        &mut self,
        stored: Option<StoredSession>,
        own: Option<u64>,
        now: Now,
        chance: f64,
    ) -> Effects {
        let noted = stored.as_ref().and_then(|it| it.rejected.clone());
        if let (Some(replica), Some(stored)) = (&mut self.replica, &stored) {
            replica.order_after(Version::from(stored));
        }
        let expired = stored.as_ref().and_then(|it| it.refresh_rejected.clone());
        let verdict = self.compare(stored.as_ref(), now);
        let Some(replica) = &mut self.replica else {
            return Effects::default();
        };
        self.store_failure = None;
        replica.next_sync = now.after(self.policy.store_fresh);
        replica.syncing_until = Now::default();
        replica.remote = stored.as_ref().map(Version::from);
        replica.foreign = None;
        let unpublished = replica.pending;
        // What belongs to another identity is not this session's to end.
        let theirs = stored.as_ref();
        let theirs = theirs.filter(|it| self.identity.mismatch(&it.identity).is_none());
        let replaced = self.replaces.take();
        self.replaces = match (verdict, theirs) {
            (Verdict::Publish | Verdict::Supersede, Some(theirs)) => theirs
                .tokens
                .clone()
                .and_then(|it| Tokens::try_from(it).ok())
                .map(Box::new),
            _ => None,
        };
        match (verdict, stored) {
            (Verdict::InSync, _) => {
                let pending = std::mem::take(&mut replica.pending);
                // It was saved, but the answer was lost.
                let mut effects = match pending {
                    Pending::Login | Pending::Logout => self.end_replaced(replaced),
                    _ => Effects::default(),
                };
                effects.then(self.note_rejection(noted, own, now));
                effects.then(self.note_refresh_rejection(expired, own, now));
                effects
            }
            (Verdict::Publish, _) => {
                if replica.pending == Pending::Nothing {
                    let logged_out = self.lifecycle.phase == Phase::LoggedOut;
                    let kinds = [Pending::Tokens, Pending::Logout];
                    replica.pending = kinds[usize::from(logged_out)];
                    let at_ms = replica.local.map_or(0, |it| it.issued_at_ms);
                    let until_ms = self.marker_until_ms(&None, now);
                    self.logout = self
                        .logout
                        .or(logged_out.then_some(StoredLogout { at_ms, until_ms }));
                }
                Effects::default()
            }
            (Verdict::Supersede, _) => {
                let issued_at_ms = replica.local.map_or(0, |it| it.issued_at_ms);
                replica.local = Some(replica.logged_in(issued_at_ms));
                Effects::default()
            }
            (Verdict::Foreign(mismatch), Some(stored)) => {
                replica.foreign = Some((stored.identity, mismatch));
                let in_flight = self.lifecycle.in_flight;
                let waits = self.tokens.is_none() && in_flight.is_some_and(|it| !it.supersedes);
                match self.foreign() {
                    Some(error) if waits => self.settle(Err(error), own, now),
                    _ => Effects::default(),
                }
            }
            (Verdict::LoggedOutElsewhere, Some(stored)) => {
                replica.local = replica.remote;
                replica.pending = Pending::Nothing;
                self.logout = stored.logout;
                self.logged_out_elsewhere(unpublished, now)
            }
            (Verdict::Adopt, Some(stored)) => {
                let ours = self.tokens.clone();
                let ours = ours.filter(|_| unpublished == Pending::Login);
                let Some(adopted) = self.adopt(stored, own, now, chance) else {
                    return Effects::default();
                };
                let replaced = self.replaced.take().map(|it| *it);
                let mut effects = Effects::revoke(ours.into_iter().chain(replaced));
                effects.then(adopted);
                effects.then(self.note_refresh_rejection(expired, own, now));
                effects
            }
            (Verdict::Foreign(_) | Verdict::LoggedOutElsewhere | Verdict::Adopt, None) => {
                Effects::default()
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

    fn logged_out_elsewhere(&mut self, unpublished: Pending, now: Now) -> Effects {
        let was = self.lifecycle.phase;
        // A login that a caller has asked for since goes on.
        let cancelled = match self.lifecycle.in_flight {
            Some(it) if it.supersedes => Effects::default(),
            _ => self.cancel(Err(Error::LoggedOut)),
        };
        self.apply(Event::LoggedOutElsewhere, now);
        self.chain += 1;
        // Tokens that no other process knows of: that logout did not end them.
        let orphan = self
            .tokens
            .take()
            .filter(|_| unpublished != Pending::Nothing);
        let replaced = self.replaced.take().map(|it| *it);
        let mut effects = Effects::revoke(orphan.into_iter().chain(replaced));
        if was != Phase::LoggedOut {
            effects.events.push(SessionEvent::LoggedOut);
        }
        effects.then(cancelled);
        effects
    }

    /// Another session saw these credentials rejected: they are not sent again so soon.
    fn note_rejection(
        &mut self,
        noted: Option<StoredRejection>,
        own: Option<u64>,
        now: Now,
    ) -> Effects {
        let Some(noted) = noted else {
            return Effects::default();
        };
        // A note from the future: clocks differ, so it is ignored.
        let Some(age) = now.wall.checked_sub(Duration::from_millis(noted.at_ms)) else {
            return Effects::default();
        };
        let pause = self.policy.rejection_pause.saturating_sub(age);
        let since = match (&self.exchange, self.lifecycle.in_flight) {
            // Other credentials may be good.
            (Some(it), _) if it.candidate.is_some() && it.candidate != self.credentials => {
                return Effects::default();
            }
            // An explicit login ignores rejections older than itself.
            (Some(it), Some(in_flight)) if in_flight.supersedes => it.started_ms,
            _ => self.credentials_since_ms,
        };
        if pause.is_zero() || noted.at_ms < since || self.credentials.is_none() {
            return Effects::default();
        }
        let said = Rejection::noted(noted.status, noted.message);
        self.apply(Event::RejectedElsewhere { pause }, now);
        if self.lifecycle.phase == Phase::Rejected {
            self.rejection = Some(Box::new(said.clone()));
        }
        match self.lifecycle.in_flight {
            Some(it) if it.exchange == Exchange::LogIn && !it.is_done() => {
                self.settle(Err(Error::CredentialsRejected(said)), own, now)
            }
            _ => Effects::default(),
        }
    }

    /// Another session saw the refresh token rejected that this one has: it is not sent again.
    fn note_refresh_rejection(
        &mut self,
        noted: Option<StoredRejection>,
        own: Option<u64>,
        now: Now,
    ) -> Effects {
        let (
            Some(noted),
            Phase::LoggedIn(Life {
                no_refresh: None, ..
            }),
        ) = (noted, self.lifecycle.phase)
        else {
            return Effects::default();
        };
        let said = Rejection::noted(noted.status, noted.message);
        self.apply(Event::RefreshRejectedElsewhere, now);
        self.rejection = Some(Box::new(said.clone()));
        let logs_in = self.lifecycle.next_exchange(now).is_ok();
        match self.lifecycle.in_flight {
            Some(it) if it.exchange == Exchange::Refresh && !it.is_done() && !logs_in => {
                self.settle(Err(Error::SessionExpired(said)), own, now)
            }
            _ => Effects::default(),
        }
    }

    /// The exchange in flight is not needed any more. If it read the store itself, its callers hear of that once its lock is released.
    pub(super) fn settle(
        &mut self,
        result: Result<(), Error>,
        own: Option<u64>,
        now: Now,
    ) -> Effects {
        let Some(it) = self.lifecycle.in_flight else {
            return Effects::default();
        };
        if own != Some(it.id) {
            return self.cancel(result);
        }
        self.apply(Event::Settled { id: it.id }, now);
        if let Some(exchange) = &mut self.exchange {
            exchange.result = result;
        }
        Effects::default()
    }

    /// Whether a caller is to read the store first.
    pub(crate) fn claim_sync(&mut self, now: Now) -> SyncDue {
        let good = self.has_good_token(now);
        let failing = self.store_failure.is_some();
        let Some(replica) = &mut self.replica else {
            return SyncDue::Not;
        };
        if now.is_before(replica.next_sync) {
            SyncDue::Not
        } else if now.is_before(replica.syncing_until) {
            if good {
                SyncDue::Not
            } else {
                SyncDue::Elsewhere
            }
        } else {
            replica.syncing_until = now.after(self.policy.store_call);
            if good && failing {
                SyncDue::Behind
            } else {
                SyncDue::First
            }
        }
    }

    /// Whose session the store holds, where that is not this one's and this one has none.
    pub(crate) fn foreign(&self) -> Option<Error> {
        let replica = self.replica.as_ref().filter(|_| self.tokens.is_none())?;
        let (identity, mismatch) = replica.foreign.as_ref()?;
        Some(Error::of_another(identity, *mismatch))
    }
}
