//! The hub of a session that has a store.

use std::sync::Arc;

use super::hub::Hub;
use super::ticket::Aftermath;
use crate::caller::Tokens;
use crate::error::Error;
use crate::kept::Unsaved;
use crate::life::{Now, Phase};
use crate::portal::Portal;
use crate::store::{StoreError, StoredSession};

/// Whether the session must look what others have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It knows.
    Not,
    /// Before it hands anything out.
    First,
    /// The store was away, and the token is good: nobody waits for it.
    Behind,
}

impl Hub {
    /// Whether to look into the store; whoever is told to do so behind is the only one for a while.
    pub(crate) fn must_look(&self, now: Now, put_off: Now) -> Look {
        let mut memory = self.lock();
        let good = !memory.state.usable(now, &self.policy).is_zero();
        let look = match &mut memory.kept {
            Some(kept) if !now.is_before(kept.look_at) => {
                if good && kept.error.is_some() {
                    kept.look_at = put_off;
                    Look::Behind
                } else {
                    Look::First
                }
            }
            _ => Look::Not,
        };
        if look == Look::Behind {
            self.publish(&memory);
        }
        look
    }

    /// Adopts what others have written; until `fresh`, that counts.
    pub(crate) fn take_up(
        self: &Arc<Self>,
        stored: Option<StoredSession>,
        portal: &Portal,
        now: Now,
        fresh: Now,
        chance: f64,
    ) -> Aftermath {
        let mut memory = self.lock();
        let (change, orphan) = memory.take_up(stored, portal, now, fresh, chance, &self.policy);
        let ending = memory.void();
        self.publish(&memory);
        Aftermath {
            change,
            ending,
            orphan,
        }
    }

    /// What is not kept yet.
    pub(crate) fn unsaved(&self, portal: &Portal, now: Now) -> Option<Unsaved> {
        self.lock().unsaved(portal, now)
    }

    /// This is kept now. What the session has got in the meantime is not.
    pub(crate) fn saved(&self, saved: Unsaved, fresh: Now) {
        let mut memory = self.lock();
        let is_latest = memory.state.generation == saved.of;
        if let Some(kept) = &mut memory.kept {
            kept.generation = saved.session.generation;
            kept.token = saved.session.tokens.map(|it| it.access_token);
            kept.error = None;
            if is_latest {
                kept.unsaved = false;
                kept.overwrites = false;
                kept.look_at = fresh;
            }
        }
        self.publish(&memory);
    }

    /// The store is away, and left alone for a while. Tells whether that is news.
    pub(crate) fn away(&self, error: StoreError, put_off: Now) -> bool {
        let mut memory = self.lock();
        let Some(kept) = &mut memory.kept else {
            return false;
        };
        let news = kept.error.is_none();
        kept.error = Some(error);
        kept.look_at = put_off;
        self.publish(&memory);
        news
    }

    /// A logout comes after what is kept, whose tokens are to be ended too.
    pub(crate) fn overtake(
        &self,
        stored: Option<StoredSession>,
        portal: &Portal,
    ) -> Option<Tokens> {
        let mut memory = self.lock();
        let foreign = stored.as_ref().and_then(|it| memory.foreign(it, portal));
        let kept = memory.kept.as_mut()?;
        kept.generation = stored.as_ref().map_or(0, |it| it.generation);
        kept.error = None;
        if foreign.is_some() {
            (kept.foreign, kept.unsaved) = (foreign, false);
            return None;
        }
        let tokens = stored?.tokens?;
        kept.unsaved = true;
        Tokens::new(tokens.access_token, tokens.refresh_token).ok()
    }

    /// A logout is over: what others write from now on counts again.
    pub(crate) fn look_again(&self) {
        let mut memory = self.lock();
        if let Some(kept) = memory.kept.as_mut().filter(|kept| kept.look_at == Now::FAR) {
            kept.look_at = Now::default();
        }
    }

    /// Why what is kept is not this session's, where it has nothing of its own.
    pub(crate) fn foreign(&self) -> Option<Error> {
        let memory = self.lock();
        let kept = memory.kept.as_ref();
        kept.filter(|_| memory.state.phase == Phase::New)?
            .foreign
            .clone()
    }

    /// Why a logout is not kept, if it is not.
    pub(crate) fn not_kept(&self) -> Option<StoreError> {
        let memory = self.lock();
        let kept = memory.kept.as_ref().filter(|kept| kept.unsaved)?;
        kept.error.clone()
    }

    /// Whether there is a token that is good.
    pub(crate) fn is_good(&self, now: Now) -> bool {
        !self.lock().state.usable(now, &self.policy).is_zero()
    }
}
