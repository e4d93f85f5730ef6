//! A process with a session, and what it may hand out.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use prancer_auth_client::AccessToken;

use super::portal::{Line, Portal};
use super::store::{Handle, Shared};
use super::world::{Fault, MachineClock, World};
use crate::engine::Engine;
use crate::engine::context::Context;
use crate::engine::coordinator::Coordinator;
use crate::engine::observer::Observer;
use crate::engine::session_state::SessionState;
use crate::error::Error;
use crate::event::SessionEvent;
use crate::lifecycle::{Identity, NoToken, Policy};
use crate::settings::credentials::Credentials;
use crate::store::StoredSession;

const PORTAL: &str = "https://portal.example/";

/// A process with a session.
pub(super) struct Replica {
    pub(super) engine: Engine,
    pub(super) world: World,
    pub(super) portal: Portal,
    pub(super) clock: MachineClock,
    pub(super) alive: Arc<AtomicBool>,
    /// How often it has asked the portal to log in.
    pub(super) logins: Arc<AtomicU64>,
    /// Whose tokens it may serve: more than one once a login as another user was asked for.
    pub(super) who: Mutex<Vec<String>>,
    /// Whom logins were asked for as: one that is in flight may succeed at any moment.
    pub(super) asked: Mutex<Vec<String>>,
    /// Logins of before this are over, since a logout was seen: in the order of things.
    pub(super) floor: AtomicU64,
    /// Whether its clock was ever wrong.
    pub(super) skewed: AtomicBool,
    pub(super) number: usize,
}

/// Tokens that a session said it could not end.
pub(super) fn observer(world: &World) -> Observer {
    let world = world.clone();
    Observer {
        on_event: Some(Arc::new(move |event| {
            if let SessionEvent::NotRevoked(_) = event {
                world.fault(Fault::AnswerLost);
            }
            // A program that panics, without a word.
            if world.chance(0.02) {
                std::panic::resume_unwind(Box::new("a program's own panic"));
            }
        })),
    }
}

impl Replica {
    pub(super) fn new(
        number: usize,
        portal: &Portal,
        store: &Shared,
        clock: MachineClock,
        credentials: Option<Credentials>,
    ) -> Arc<Self> {
        let alive = Arc::new(AtomicBool::new(true));
        let logins = Arc::new(AtomicU64::new(0));
        let who = credentials.iter().map(who).collect();
        let identity = match &credentials {
            Some(credentials) => credentials.identity_at(PORTAL),
            None => Identity::new(PORTAL),
        };
        let now = crate::engine::clock::Clock::now(&clock);
        let state = SessionState::new(identity, credentials, true, now, &Policy::STANDARD);
        let context = Context {
            endpoint: Arc::new(Line {
                portal: portal.clone(),
                store: store.clone(),
                logins: Arc::clone(&logins),
                alive: Arc::clone(&alive),
                number,
            }),
            clock: Arc::new(clock.clone()),
            observer: observer(&portal.world),
            store: Some(Arc::new(Handle {
                shared: store.clone(),
                alive: Arc::clone(&alive),
            })),
            must_save: false,
            policy: &Policy::STANDARD,
        };
        Arc::new(Self {
            engine: Engine {
                coordinator: Arc::new(Coordinator::new(state, context)),
                patience: Duration::from_secs(60),
                rejected_by: AtomicU64::default(),
            },
            world: portal.world.clone(),
            portal: portal.clone(),
            clock,
            alive,
            logins,
            who: Mutex::new(who),
            asked: Mutex::default(),
            floor: AtomicU64::new(0),
            skewed: AtomicBool::new(false),
            number,
        })
    }

    /// Begins with tokens that a program has saved, where they are its own.
    pub(super) fn resume(&self, stored: StoredSession) {
        let now = self.engine.now();
        let line = format!(
            "replica {}: resumes generation {}",
            self.number, stored.generation
        );
        let resumed = self
            .engine
            .coordinator
            .update(|state| state.begin_with(&stored, now));
        self.world.log(|| format!("{line} {resumed:?}"));
    }

    pub(super) async fn token(&self) -> Result<AccessToken, Error> {
        let floor = self.floor.load(Ordering::Acquire);
        let token = self.engine.good(|it| it.access.clone()).await;
        self.world
            .log(|| format!("replica {}: token {}", self.number, short(&token)));
        if let Ok(token) = &token {
            self.served(token, floor);
        }
        token
    }

    /// A token was handed out that the caller asked for when logins from before `floor` were over.
    pub(super) fn served(&self, token: &AccessToken, floor: u64) {
        let Some((_, chain, end)) = self.portal.find(token) else {
            return self.broken("a token that was never issued");
        };
        let mut known = self.who.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_empty() {
            // From now on it belongs to this user.
            known.push(chain.who.clone());
        } else if !known.contains(&chain.who) && !self.asked_for(&chain.who) {
            let known = known.clone();
            self.broken(&format!(
                "a token of {}, of another identity than {known:?}",
                chain.who
            ));
        }
        let exempt = [Fault::Clock, Fault::LockLost, Fault::MarkerReplaced];
        if chain.sequence < floor && !self.world.had(&exempt) {
            self.broken("a token after a logout that was seen");
        }
        let right = !self.skewed.load(Ordering::Acquire);
        let sure =
            right && (self.portal.tells_when_tokens_end() || !self.world.had(&[Fault::Clock]));
        if sure && self.world.now() >= end {
            self.broken("a token after its end");
        }
    }

    pub(super) fn broken(&self, rule: &str) {
        self.world
            .broken(format!("replica {}: {rule}", self.number));
    }

    pub(super) async fn log_out(&self) {
        let floor = self.world.next();
        // Of a login and a logout that callers ask for at once, either may be the later one.
        let at_once = self.world.get().logins > 0;
        // A second logout does nothing.
        let state = |it: &mut SessionState| it.lifecycle.token == Err(NoToken::LoggedOut);
        let second = self.engine.coordinator.update(state);
        self.world.get().logouts += 1;
        let result = self.engine.log_out().await;
        self.world
            .log(|| format!("replica {}: logout {result:?}", self.number));
        match result {
            Err(error) if is_foreign(&error) => return,
            // It was said that tokens live on.
            Err(_) => self.world.fault(Fault::AnswerLost),
            Ok(()) => {}
        }
        // Nor does one that finds nothing.
        let marked = self.engine.coordinator.update(|it| {
            let replica = it.replica.as_ref();
            replica.is_some_and(|it| it.local.is_some())
        });
        if at_once || second || !marked {
            return;
        }
        self.floor.fetch_max(floor, Ordering::AcqRel);
    }

    pub(super) async fn log_in(&self, others: Option<Credentials>) {
        let becomes = others.as_ref().map(who);
        if let Some(becomes) = &becomes {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            asked.push(becomes.clone());
        }
        self.world.get().logins += 1;
        let result = self.engine.log_in(others).await;
        self.world.get().logins -= 1;
        self.world
            .log(|| format!("replica {}: login {result:?}", self.number));
        // The portal rejects these.
        let wrong = Some(credentials(0, 0, "wrong"));
        if self
            .engine
            .coordinator
            .update(|state| state.credentials == wrong)
        {
            self.broken("a failed login left its credentials behind");
        }
        let mut known = self.who.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Ok(()), Some(becomes)) = (result, becomes)
            && !known.contains(&becomes)
        {
            known.push(becomes);
        }
        if known.len() > 1 {
            self.world.fault(Fault::OtherUser);
        }
    }

    fn asked_for(&self, who: &String) -> bool {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        asked.contains(who)
    }

    /// Whether its program may end now.
    pub(super) fn is_settled(&self) -> bool {
        let settled = |it: &mut SessionState| {
            it.tasks == 0 && it.lifecycle.in_flight.is_none() && it.unsaved().is_none()
        };
        self.engine.coordinator.update(settled)
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }
}

/// Whether the store holds what belongs to another identity.
pub(super) fn is_foreign(error: &Error) -> bool {
    matches!(
        error,
        Error::OtherUser(_) | Error::OtherCustomer(_) | Error::OtherPortal(_)
    )
}

pub(super) fn short(token: &Result<AccessToken, Error>) -> String {
    match token {
        Ok(token) => token
            .expose()
            .split('.')
            .next()
            .unwrap_or_default()
            .to_owned(),
        Err(error) => error.to_string(),
    }
}

pub(super) fn who(credentials: &Credentials) -> String {
    format!("{}|{}", credentials.customer_id(), credentials.email())
}

pub(super) fn credentials(customer: u64, user: u64, password: &str) -> Credentials {
    Credentials::new(
        format!("user{user}"),
        password,
        format!("customer{customer}"),
    )
}
