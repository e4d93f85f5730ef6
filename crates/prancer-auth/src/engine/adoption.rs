//! Adopting tokens that others asked for: those of the store, or of the program.

use std::time::Duration;

use prancer_auth_client::InvalidToken;

use super::effects::Effects;
use super::session_state::SessionState;
use crate::api::jwt;
use crate::api::tokens::Tokens;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{Event, Now, Pending, Version};
use crate::store::{StoredSession, StoredTokens};

impl SessionState {
    /// Goes on with the store's session; `None` if it has no tokens, or none that a header can carry: then the next login replaces it.
    pub(super) fn adopt(&mut self, stored: &StoredSession, now: Now) -> Option<Effects> {
        let version = Version::from(stored);
        self.resume(stored, version, Pending::Nothing, now).ok()?;
        let mut effects = Effects::event(SessionEvent::Adopted);
        match self.lifecycle.in_flight.filter(|it| !it.supersedes) {
            // Whatever it was going to end in: there is a session now.
            Some(_) if self.has_good_token(now) => {
                effects.then(self.settle(Ok(()), now));
            }
            // What it has brought is replaced by what has expired: it goes on.
            Some(it) if it.is_saving() => {
                self.apply(Event::Reopened(it.id), now);
            }
            _ => {}
        }
        Some(effects)
    }

    /// Begins with a session that the program has saved.
    pub(crate) fn begin_with(&mut self, stored: &StoredSession, now: Now) -> Result<(), Error> {
        if !self.identity.matches(&stored.identity) {
            return Err(Error::of_another(&self.identity, &stored.identity));
        }
        let mut version = Version::from(stored);
        // A session that was in no store is as late as its tokens are.
        if version.generation <= 1 {
            version.generation = version.issued_at_ms.max(1);
        }
        self.resume(stored, version, Pending::Resumed, now)
    }

    /// Goes on with a session of a store, or of the program.
    fn resume(
        &mut self,
        stored: &StoredSession,
        version: Version,
        pending: Pending,
        now: Now,
    ) -> Result<(), Error> {
        let tokens = stored.tokens.as_ref().ok_or(Error::LoggedOut)?;
        let lifetime = Duration::from_millis(tokens.lifetime_ms).min(jwt::LONGEST);
        let (left, due) = self.left_of(tokens, lifetime, now);
        self.tokens = Some(tokens.clone().try_into()?);
        self.has_tokens();
        self.identity = self.identity.clone().completed_by(&stored.identity);
        if let Some(replica) = &mut self.replica {
            (replica.local, replica.pending) = (Some(version), pending);
        }
        let event = Event::Adopted {
            since: now.before(lifetime.saturating_sub(left)),
            lifetime,
            due,
            chance: fastrand::f64(),
        };
        self.apply(event, now);
        Ok(())
    }

    /// How long stored tokens still live, and whether that is uncertain.
    ///
    /// Once the session has heard the portal's clock, that counts. Else the clock that wrote them may differ from this one, so the
    /// token's own end counts as well; a token from the future shows that the clocks do differ.
    fn left_of(&self, stored: &StoredTokens, lifetime: Duration, now: Now) -> (Duration, bool) {
        let issued_at = Duration::from_millis(stored.issued_at_ms);
        let ahead = issued_at.saturating_sub(now.wall);
        let left = lifetime.saturating_sub(now.wall.saturating_sub(issued_at));
        let times = jwt::times(stored.access_token.expose());
        if let (Some(times), Some((heard, then))) = (times, self.portal_clock) {
            let portal_now = heard.saturating_add(now.since(then));
            let left = times.expires_at.saturating_sub(portal_now);
            return (left.min(lifetime), false);
        }
        let own = times.map(|it| it.expires_at.saturating_sub(now.wall));
        if ahead > self.policy.margin(lifetime) {
            (own.unwrap_or_default().min(lifetime), true)
        } else {
            (own.unwrap_or(left).min(left), false)
        }
    }
}

impl TryFrom<StoredTokens> for Tokens {
    type Error = InvalidToken;

    fn try_from(stored: StoredTokens) -> Result<Self, InvalidToken> {
        let tokens = Self::new(stored.access_token, stored.refresh_token)?;
        Ok(Self {
            login: stored.login,
            ..tokens
        })
    }
}

impl From<&StoredSession> for Version {
    fn from(stored: &StoredSession) -> Self {
        let issued_at_ms = match (&stored.tokens, &stored.logout) {
            (Some(tokens), _) => tokens.issued_at_ms,
            (None, Some(logout)) => logout.at_ms,
            (None, None) => 0,
        };
        Self {
            generation: stored.generation,
            logged_out: stored.tokens.is_none() && stored.logout.is_some(),
            issued_at_ms,
        }
    }
}
