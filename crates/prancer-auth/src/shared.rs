//! The hub of a session that has a store.

use std::sync::Arc;

use super::hub::Hub;
use super::ticket::Aftermath;
use crate::caller::Tokens;
use crate::error::Error;
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
        let (change, orphan) = memory.take_up(stored, portal, now, chance, &self.policy);
        if let Some(kept) = &mut memory.kept {
            kept.look_at = fresh;
        }
        let ending = memory.void();
        self.publish(&memory);
        Aftermath {
            change,
            ending,
            orphan,
        }
    }

    /// What is not kept yet, and the generation that it takes the place of.
    pub(crate) fn unsaved(&self, portal: &Portal) -> Option<(StoredSession, u64)> {
        self.lock().unsaved(portal)
    }

    /// This generation is kept now.
    pub(crate) fn saved(&self, generation: u64, fresh: Now) {
        let mut memory = self.lock();
        if let Some(kept) = &mut memory.kept {
            kept.generation = generation;
            kept.unsaved = false;
            kept.overwrites = false;
            kept.error = None;
            kept.look_at = fresh;
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

    /// A logout comes after what is kept. The tokens that others have renewed since, if they have.
    pub(crate) fn overtake(&self, stored: Option<StoredSession>) -> Option<Tokens> {
        let mut memory = self.lock();
        let kept = memory.kept.as_mut()?;
        let known = std::mem::replace(
            &mut kept.generation,
            stored.as_ref().map_or(0, |it| it.generation),
        );
        let later = stored.filter(|it| it.generation > known)?.tokens?;
        Tokens::new(later.access_token, later.refresh_token).ok()
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
}
