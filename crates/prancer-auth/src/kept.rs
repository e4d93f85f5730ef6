//! What a session knows of its store, and what it makes of what others wrote there.

use std::time::Duration;

use prancer_auth_client::AccessToken;

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
    /// The access token that is kept, as far as is known: two sessions may have the same generation, one after the other.
    pub(crate) token: Option<AccessToken>,
    /// When somebody logged out here.
    pub(crate) logged_out_at: Now,
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

/// What is not kept yet.
pub(crate) struct Unsaved {
    pub(crate) session: StoredSession,
    /// The generation that it takes the place of.
    pub(crate) expected: u64,
    /// What the session had when this was made of it.
    pub(crate) of: u64,
}

impl Memory {
    /// Adopts what others have written, if it is later than what the session has. Tells what changed, and which tokens came too late.
    /// Until `fresh`, that counts.
    pub(crate) fn take_up(
        &mut self,
        stored: Option<StoredSession>,
        portal: &Portal,
        now: Now,
        fresh: Now,
        chance: f64,
        policy: &Policy,
    ) -> (Option<Change>, Option<Tokens>) {
        let foreign = stored.as_ref().and_then(|it| self.foreign(it, portal));
        let (found, theirs) = match &stored {
            Some(stored) => (stored.generation, stored.tokens.as_ref()),
            None => (0, None),
        };
        let issued_at = theirs.map_or(0, |it| it.issued_at_ms);
        let ours = match self.state.phase {
            Phase::Live(life) => Some(crate::store::milliseconds(life.since.wall)),
            _ => None,
        };
        let Some(kept) = self.kept.as_mut() else {
            return (None, None);
        };
        let known = std::mem::replace(&mut kept.generation, found);
        let token = theirs.map(|it| it.access_token.clone());
        let seen = std::mem::replace(&mut kept.token, token.clone());
        (kept.error, kept.look_at) = (None, fresh);
        if kept.overwrites {
            return (None, None);
        }
        if foreign.is_some() {
            kept.foreign = foreign;
            return (None, None);
        }
        kept.foreign = None;
        if found == known && token == seen {
            return (None, None);
        }
        let later = found > known || (found == known && ours.is_none_or(|ours| issued_at >= ours));
        match (self.state.phase, theirs) {
            (Phase::LoggedOut, Some(_)) => {
                let since = issued_at > crate::store::milliseconds(kept.logged_out_at.wall);
                if !later || (kept.unsaved && !since) {
                    // Tokens of before the logout: it takes their place, and ends them.
                    kept.unsaved = true;
                    let orphan = stored.and_then(|it| it.tokens);
                    let orphan = orphan.map(|it| Tokens::new(it.access_token, it.refresh_token));
                    return (None, orphan.and_then(Result::ok));
                }
            }
            // The store was set back, or a save of before came late: ours is the latest.
            (Phase::Live(_), Some(_)) if !later || (kept.unsaved && ours > Some(issued_at)) => {
                kept.unsaved = true;
                return (None, None);
            }
            // It has lost what it kept, or was set back.
            (Phase::Live(_), None) if found < known || found == 0 => {
                kept.unsaved = true;
                return (None, None);
            }
            (Phase::New | Phase::LoggedOut, None) => return (None, None),
            _ => {}
        }
        let unsaved = std::mem::take(&mut kept.unsaved);
        let (email, tokens) = stored.map(|it| (it.email, it.tokens)).unzip();
        match tokens.flatten() {
            Some(tokens) => {
                self.email = email.flatten().or(self.email.take());
                let resumed = self.resume(tokens, now, chance, policy);
                (resumed.ok().map(|()| Change::Adopted), None)
            }
            None if found > 0 => {
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

    /// What is not kept yet.
    pub(crate) fn unsaved(&self, portal: &Portal, now: Now) -> Option<Unsaved> {
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
        // Where nothing is kept, something may have been: what begins now is later than that.
        let first = crate::store::milliseconds(now.wall);
        let generation = match kept.generation {
            0 => first.max(1),
            kept => kept.saturating_add(1),
        };
        Some(Unsaved {
            session: session.with_generation(generation),
            expected: kept.generation,
            of: self.state.generation,
        })
    }

    /// Why what is kept is not this session's, if it is not.
    pub(crate) fn foreign(&self, stored: &StoredSession, portal: &Portal) -> Option<Error> {
        // A logout is nobody's.
        stored.tokens.as_ref()?;
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
