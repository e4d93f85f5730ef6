//! What a session shares with others through its store: what they wrote is adopted, what it got is kept.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::caller::Tokens;
use crate::change::Change;
use crate::engine::Outside;
use crate::hub::Hub;
use crate::shared::Look;
use crate::store::{SessionStore, StoreError, StoreLock, StoredSession};
use crate::ticket::Ticket;

/// How long a store may take for one call.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long another holder of the lock is waited for: shorter than an exchange may be silent.
const LOCK_PATIENCE: Duration = Duration::from_secs(20);
/// Who waits for the lock reads again after so long, and up to as much more.
const REREAD: Duration = Duration::from_millis(20);
/// How old what was loaded may be.
const FRESH: Duration = Duration::from_secs(1);
/// How long a store that is away is left alone.
pub(crate) const AWAY: Duration = Duration::from_secs(5);
/// How often a save is tried that others were faster than.
const SAVES: u32 = 5;

/// A store, and who looks into it.
pub(crate) struct Keeping {
    store: Arc<dyn SessionStore>,
    looking: Mutex<()>,
}

impl Keeping {
    pub(crate) fn new(store: Arc<dyn SessionStore>) -> Self {
        let looking = Mutex::new(());
        Self { store, looking }
    }

    pub(crate) fn place(&self) -> String {
        self.store.place()
    }

    /// Sees what others have written, and saves what could not be saved before. One looks, the others wait for it.
    pub(crate) async fn look(&self, hub: &Arc<Hub>, outside: &Outside) {
        let _looking = self.looking.lock().await;
        let (now, put_off) = outside.now_and_after(AWAY);
        if hub.must_look(now, put_off) != Look::Not {
            self.look_now(hub, outside).await;
        }
    }

    pub(crate) async fn look_now(&self, hub: &Arc<Hub>, outside: &Outside) {
        match self.load().await {
            Ok(stored) => {
                self.take_up(hub, outside, stored).await;
                self.save(hub, outside).await;
            }
            Err(error) => self.away(hub, outside, error),
        }
    }

    /// Before an exchange: the right to make it, and what others have written meanwhile. Without the store, it goes on alone.
    pub(crate) async fn begin(&self, ticket: &Ticket, outside: &Outside) -> Option<StoreLock> {
        let lock = within(LOCK_PATIENCE, "lock the session", self.store.lock());
        let mut lock = std::pin::pin!(lock);
        let locked = loop {
            match timeout(REREAD.mul_f64(1.0 + fastrand::f64()), &mut lock).await {
                Ok(locked) => break locked,
                // Whoever holds it may have written already, and many wait for it in turn.
                Err(_) => self.reread(ticket, outside).await,
            }
            ticket.ask()?;
        };
        match locked {
            Ok(lock) => {
                self.reread(ticket, outside).await;
                Some(lock)
            }
            Err(error) => {
                self.away(ticket.hub(), outside, error);
                ticket.heard(outside.clock.now());
                None
            }
        }
    }

    /// Adopts what others have written. If that ends the exchange, it is told.
    pub(crate) async fn reread(&self, ticket: &Ticket, outside: &Outside) {
        match self.load().await {
            Ok(stored) => {
                let portal = &outside.caller.portal;
                let (now, fresh) = outside.now_and_after(FRESH);
                let aftermath = ticket.take_up(stored, portal, now, fresh, fastrand::f64());
                outside.settle(aftermath).await;
            }
            Err(error) => self.away(ticket.hub(), outside, error),
        }
    }

    /// Keeps what is not kept yet, unless others have written something later, which is adopted then.
    pub(crate) async fn save(&self, hub: &Arc<Hub>, outside: &Outside) {
        for _ in 0..SAVES {
            let (now, fresh) = outside.now_and_after(FRESH);
            let Some(unsaved) = hub.unsaved(&outside.caller.portal, now) else {
                return;
            };
            let saved = self.store.save(&unsaved.session, unsaved.expected);
            match within(PATIENCE, "keep the session", saved).await {
                // Perhaps there is something later by now.
                Ok(()) => hub.saved(unsaved, fresh),
                Err(StoreError::Conflict) => match self.load().await {
                    Ok(stored) => self.take_up(hub, outside, stored).await,
                    Err(error) => return self.away(hub, outside, error),
                },
                Err(error) => return self.away(hub, outside, error),
            }
        }
    }

    /// Keeps a logout. The tokens that are kept instead of it are to be ended at the portal.
    pub(crate) async fn end(&self, hub: &Arc<Hub>, outside: &Outside) -> Option<Tokens> {
        let _over = Over(hub);
        // Whoever is renewing finishes first, if it does in time.
        let _lock = within(LOCK_PATIENCE, "lock the session", self.store.lock()).await;
        match self.load().await {
            Ok(stored) => {
                let kept = hub.overtake(stored, &outside.caller.portal);
                self.save(hub, outside).await;
                kept
            }
            Err(error) => {
                self.away(hub, outside, error);
                None
            }
        }
    }

    async fn take_up(&self, hub: &Arc<Hub>, outside: &Outside, stored: Option<StoredSession>) {
        let portal = &outside.caller.portal;
        let (now, fresh) = outside.now_and_after(FRESH);
        let aftermath = hub.take_up(stored, portal, now, fresh, fastrand::f64());
        outside.settle(aftermath).await;
    }

    async fn load(&self) -> Result<Option<StoredSession>, StoreError> {
        within(PATIENCE, "load the session", self.store.load()).await
    }

    fn away(&self, hub: &Arc<Hub>, outside: &Outside, error: StoreError) {
        let (_, put_off) = outside.now_and_after(AWAY);
        if hub.away(error.clone(), put_off) {
            outside.observer.tell(&Change::StoreFailed(error));
        }
    }
}

async fn within<T>(
    patience: Duration,
    action: &str,
    call: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let late = |_| {
        let late = format!("no answer within {} s", patience.as_secs());
        StoreError::away(action, late)
    };
    timeout(patience, call).await.map_err(late)?
}

/// A logout that is being kept. Whatever becomes of that, others are looked at again afterwards.
struct Over<'a>(&'a Hub);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.look_again();
    }
}
