//! What a session knows of its store, and what it makes of what others wrote there.

use std::time::Duration;

use crate::caller::Tokens;
use crate::change::Change;
use crate::error::Error;
use crate::life::{Event, Life, Now, Phase, Policy};
use crate::memory::Memory;
use crate::portal::Portal;
use crate::store::{StoreError, StoredSession, StoredTokens};

/// What a session knows of its store.
#[derive(Default)]
pub(crate) struct Kept {
    /// The generation that is kept, as far as is known; 0 where none is.
    pub(crate) generation: u64,
    /// What the session has is not kept yet.
    pub(crate) unsaved: bool,
    /// The login under way takes the place of what is kept, whatever that is.
    pub(crate) overwrites: bool,
    /// What is kept is somebody else's.
    pub(crate) foreign: Option<Error>,
    /// Why the store was last away, until it is back.
    pub(crate) error: Option<StoreError>,
    /// When to look again.
    pub(crate) look_at: Now,
}

impl Memory {
    /// Adopts what others have written, if it is later than what the session has. Tells what changed, and which tokens came too late.
    pub(crate) fn take_up(
        &mut self,
        stored: Option<StoredSession>,
        portal: &Portal,
        now: Now,
        chance: f64,
        policy: &Policy,
    ) -> (Option<Change>, Option<Tokens>) {
        let live = matches!(self.state.phase, Phase::Live(_));
        let foreign = stored.as_ref().and_then(|it| self.foreign(it, portal));
        let Some(kept) = self.kept.as_mut() else {
            return (None, None);
        };
        let found = stored.as_ref().map_or(0, |it| it.generation);
        let later = found > kept.generation;
        let logged_out = self.state.phase == Phase::LoggedOut && kept.unsaved;
        let changed = found != kept.generation;
        (kept.generation, kept.foreign, kept.error) = (found, None, None);
        if kept.overwrites || logged_out || !changed {
            return (None, None);
        }
        if foreign.is_some() {
            kept.foreign = foreign;
            return (None, None);
        }
        if live && !later {
            // The store has lost what it kept, or was set back: ours is the latest.
            kept.unsaved = true;
            return (None, None);
        }
        let unsaved = std::mem::take(&mut kept.unsaved);
        let (email, tokens) = stored.map(|it| (it.email, it.tokens)).unzip();
        let email = email.flatten();
        match tokens.flatten() {
            Some(tokens) => {
                self.email = email.or(self.email.take());
                let resumed = self.resume(tokens, now, chance, policy);
                (resumed.ok().map(|()| Change::Adopted), None)
            }
            None if live => {
                self.apply(Event::LoggedOut, now, policy);
                // Tokens that nobody else knows of: the logout did not end them.
                let orphan = self.tokens.take().filter(|_| unsaved);
                (Some(Change::LoggedOut), orphan)
            }
            None => (None, None),
        }
    }

    /// Takes up tokens that were kept.
    pub(crate) fn resume(
        &mut self,
        stored: StoredTokens,
        now: Now,
        chance: f64,
        policy: &Policy,
    ) -> Result<(), Error> {
        let lifetime = Duration::from_millis(stored.lifetime_ms);
        let issued_at = Duration::from_millis(stored.issued_at_ms);
        // A token from the future was issued by another clock than this one; nothing tells how old it is.
        let since = now.before(now.wall.saturating_sub(issued_at));
        self.tokens = Some(Tokens::new(stored.access_token, stored.refresh_token)?);
        let event = Event::Resumed {
            since,
            lifetime,
            chance,
        };
        self.apply(event, now, policy);
        Ok(())
    }

    /// The session as it is kept, `None` where there are no tokens.
    pub(crate) fn stored(&self, portal: &Portal) -> Option<StoredSession> {
        let Phase::Live(Life {
            since, lifetime, ..
        }) = self.state.phase
        else {
            return None;
        };
        let tokens = self.tokens.as_ref()?;
        Some(StoredSession {
            generation: self.kept.as_ref().map_or(1, |kept| kept.generation),
            portal: portal.url().to_string(),
            email: self.email.clone(),
            tokens: Some(StoredTokens {
                access_token: tokens.access.clone(),
                refresh_token: tokens.refresh.clone(),
                issued_at_ms: crate::store::milliseconds(since.wall),
                lifetime_ms: crate::store::milliseconds(lifetime),
            }),
        })
    }

    /// What is not kept yet, and the generation that it takes the place of.
    pub(crate) fn unsaved(&self, portal: &Portal) -> Option<(StoredSession, u64)> {
        let kept = self.kept.as_ref();
        let kept = kept.filter(|kept| kept.unsaved && kept.foreign.is_none())?;
        let session = match self.state.phase {
            Phase::LoggedOut => StoredSession {
                generation: 0,
                portal: portal.url().to_string(),
                email: self.email.clone(),
                tokens: None,
            },
            _ => self.stored(portal)?,
        };
        let later = session.with_generation(kept.generation.saturating_add(1));
        Some((later, kept.generation))
    }

    /// Why what is kept is not this session's, if it is not.
    fn foreign(&self, stored: &StoredSession, portal: &Portal) -> Option<Error> {
        if stored.portal != portal.url().as_str() {
            return Some(Error::OtherPortal(stored.portal.clone()));
        }
        let ours = self.credentials.as_ref().map(|it| it.email());
        match (ours, &stored.email) {
            (Some(ours), Some(theirs)) if ours != theirs => Some(Error::OtherUser(theirs.clone())),
            _ => None,
        }
    }
}
