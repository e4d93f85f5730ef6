//! Two engines on one store under shuttle: their exchanges, and a logout, are the real ones, and end or die at any point.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::task::Poll;

use shuttle::future::{JoinHandle, block_on, spawn, yield_now};
use shuttle::rand::{Rng as _, thread_rng};

use super::*;
use crate::api::rejection::Rejection;
use crate::api::transient_error::Failure;
use crate::store::{MemoryStore, SessionStore, StoreError, StoreFuture, StoreLock};
use task_guard::TaskGuard;

/// What the engines share: the portal and the store.
#[derive(Default)]
struct World {
    /// How many exchanges are at the portal.
    asking: AtomicUsize,
    /// How many have been there.
    asked: AtomicUsize,
    /// The logins: of each, how often it was refreshed, until it is ended.
    logins: Mutex<Vec<Option<usize>>>,
    store: MemoryStore,
    /// The engine that has the lock, 0 if it is free.
    holder: AtomicUsize,
    /// Rules that were broken, of those that hold while no logout is under way: a logout takes the lock too, and waits for no exchange that
    /// it cancels.
    broken: Mutex<BTreeSet<&'static str>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl World {
    /// With a session in the store whose access token has expired.
    fn with_session() -> Arc<Self> {
        let mut expired = stored("customer1", 1, false);
        if let Some(tokens) = &mut expired.tokens {
            (tokens.access_token, tokens.refresh_token) = ("0-0".into(), "0-0".into());
            (tokens.issued_at_ms, tokens.lifetime_ms) = (tokens.issued_at_ms - 1000, 1);
        }
        let world = Self::default();
        world.logins.lock().unwrap().push(Some(0));
        block_on(world.store.save(&expired, 0)).unwrap();
        Arc::new(world)
    }

    fn must(&self, is_so: bool, rule: &'static str) {
        let broken = (!is_so).then_some(rule);
        self.broken.lock().unwrap().extend(broken);
    }
}

struct Portal(Arc<World>);

/// The login that a token is of, and how often that was refreshed before.
fn parts(token: &str) -> (usize, usize) {
    let (login, number) = token.split_once('-').unwrap();
    (login.parse().unwrap(), number.parse().unwrap())
}

fn rejected() -> Failure {
    Failure::Rejected(Rejection::bare(http::StatusCode::UNAUTHORIZED))
}

impl TokenEndpoint for Portal {
    fn tokens<'a>(&'a self, request: &'a TokenRequest) -> TokenFuture<'a, Tokens> {
        Box::pin(async move {
            let others = self.0.asking.fetch_add(1, Ordering::SeqCst);
            let _asking = AtEnd(|| {
                self.0.asking.fetch_sub(1, Ordering::SeqCst);
            });
            self.0.must(others == 0, "two exchanges at once");
            yield_now().await;
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            let token = {
                let mut logins = self.0.logins.lock().unwrap();
                let (login, number) = match request {
                    TokenRequest::LogIn(_) => {
                        logins.push(Some(0));
                        (logins.len() - 1, 0)
                    }
                    TokenRequest::Refresh(refresh) => parts(refresh.expose()),
                };
                let newest = logins[login].as_mut().filter(|it| **it == number);
                *newest.ok_or_else(rejected)? += 1;
                format!("{login}-{}", number + 1)
            };
            yield_now().await;
            Ok(Tokens::new(token.as_str().into(), token.as_str().into()).unwrap())
        })
    }

    fn log_out<'a>(&'a self, access: &'a AccessToken) -> TokenFuture<'a, ()> {
        Box::pin(async {
            yield_now().await;
            let (login, number) = parts(access.expose());
            // One that was not refreshed is that of the store, which has expired.
            let mut logins = self.0.logins.lock().unwrap();
            let ended = logins[login].take_if(|_| number > 0);
            ended.map(drop).ok_or_else(rejected)
        })
    }
}

/// The store, as one engine reaches it.
struct Handle {
    world: Arc<World>,
    engine: usize,
}

impl SessionStore for Handle {
    fn location(&self) -> String {
        self.world.store.location()
    }

    fn load(&self) -> StoreFuture<'_, Option<StoredSession>> {
        Box::pin(async {
            yield_now().await;
            let loaded = self.world.store.load().await;
            yield_now().await;
            loaded
        })
    }

    fn save<'a>(&'a self, session: &'a StoredSession, expected: u64) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            yield_now().await;
            let saved = self.world.store.save(session, expected).await;
            yield_now().await;
            saved
        })
    }

    fn remove(&self) -> StoreFuture<'_, ()> {
        self.world.store.remove()
    }

    fn lock(&self) -> StoreFuture<'_, StoreLock> {
        Box::pin(async {
            loop {
                let (holder, order) = (&self.world.holder, Ordering::SeqCst);
                let taken = holder.compare_exchange(0, self.engine, order, order);
                if taken.is_ok() {
                    let world = Arc::clone(&self.world);
                    let held = AtEnd(move || world.holder.store(0, Ordering::SeqCst));
                    yield_now().await;
                    return Ok::<_, StoreError>(StoreLock::with_release(held, yield_now()));
                }
                yield_now().await;
            }
        })
    }
}

/// Does something when it is dropped.
struct AtEnd<F: FnMut()>(F);

impl<F: FnMut()> Drop for AtEnd<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// One process that shares the session.
#[derive(Clone)]
struct Member {
    world: Arc<World>,
    engine: usize,
    coordinator: Arc<Coordinator>,
    /// Whether the task of an exchange may still die: once, for the second time callers are told to wait.
    may_die: Arc<AtomicBool>,
}

impl Member {
    fn new(world: &Arc<World>, engine: usize, may_die: bool) -> Self {
        let world = Arc::clone(world);
        let store = Arc::new(Handle {
            world: Arc::clone(&world),
            engine,
        });
        let context = Context {
            endpoint: Arc::new(Portal(Arc::clone(&world))),
            store: Some(store),
            must_save: false,
            clock: Arc::new(Still),
            observer: Observer::default(),
            policy: POLICY,
        };
        Self {
            world,
            engine,
            coordinator: session_with(true, context),
            may_die: Arc::new(AtomicBool::new(may_die)),
        }
    }

    /// Reads the store and acts on it, as an engine does before it hands out a token.
    async fn sync(&self) {
        let effects = self.coordinator.sync().await;
        self.coordinator.settle(effects).await;
    }

    /// Asks as an engine does.
    async fn ask(&self) -> Outcome {
        loop {
            let admission = self.coordinator.admit(Demand::Good, now(), true)?;
            let (waiter, begun) = match admission {
                Admission::Wait(waiter) => {
                    let begun = waiter.begun.then_some(waiter.id);
                    (Some(waiter), begun)
                }
                Admission::Use(begun) => (None, begun),
            };
            if let Some(id) = begun {
                let guard = ExchangeGuard::new(Arc::clone(&self.coordinator), id);
                let task = spawn(until_it_dies(
                    exchange::run(guard),
                    Arc::clone(&self.may_die),
                ));
                self.world.tasks.lock().unwrap().push(task);
            }
            let Some(mut waiter) = waiter else {
                let token = self.coordinator.snapshot();
                return token.as_ref().map(Arc::clone).ok_or(Error::LoggedOut);
            };
            if let Some(outcome) = waiter.outcome().await {
                let holder = self.world.holder.load(Ordering::SeqCst);
                let released = holder != self.engine;
                self.world
                    .must(released, "told before the lock is released");
                return outcome;
            }
        }
    }

    async fn log_out(&self) -> Result<(), Error> {
        let task = TaskGuard::new(Arc::clone(&self.coordinator));
        logout::log_out(task.coordinator(), true).await
    }
}

/// The task, which may be dropped at any of its awaits.
async fn until_it_dies(task: impl Future<Output = ()>, may_die: Arc<AtomicBool>) {
    let mut task = Box::pin(task);
    poll_fn(|context| {
        if thread_rng().gen_bool(0.1) && may_die.swap(false, Ordering::SeqCst) {
            return Poll::Ready(());
        }
        task.as_mut().poll(context)
    })
    .await;
}

/// Two engines, each with two callers that ask at once; `meanwhile` is done at the same time. Returns what they got.
fn two_engines(
    world: &Arc<World>,
    may_die: bool,
    meanwhile: impl FnOnce(&Member),
) -> ([Member; 2], Vec<Outcome>) {
    let members = [1, 2].map(|engine| Member::new(world, engine, may_die));
    let ask = |member: &Member| {
        let member = member.clone();
        thread::spawn(move || {
            block_on(async {
                member.sync().await;
                member.ask().await
            })
        })
    };
    let callers: Vec<_> = members.iter().chain(&members).map(ask).collect();
    meanwhile(&members[0]);
    let outcomes = callers.into_iter().map(|it| it.join().unwrap()).collect();
    let next = || world.tasks.lock().unwrap().pop();
    while let Some(task) = next() {
        block_on(task).unwrap();
    }
    assert_eq!(world.holder.load(Ordering::SeqCst), 0, "a lock stays");
    for member in &members {
        assert_eq!(member.coordinator.update(|state| state.tasks), 0);
    }
    (members, outcomes)
}

#[test]
fn two_engines_in_any_order_renew_once_and_tell_once_the_lock_is_free() {
    in_any_order(|_| {
        let world = World::with_session();
        let (_, outcomes) = two_engines(&world, false, |_| ());
        for outcome in outcomes {
            assert_eq!(outcome.unwrap().access.expose(), "0-1");
        }
        assert_eq!(world.asked.load(Ordering::SeqCst), 1);
        assert_eq!(*world.broken.lock().unwrap(), BTreeSet::new());
    });
}

#[test]
fn an_exchange_that_dies_at_any_point_leaves_no_lock_and_no_caller_waiting() {
    in_any_order(|_| {
        let world = Arc::<World>::default();
        let (_, outcomes) = two_engines(&world, true, |_| ());
        for outcome in outcomes {
            outcome.unwrap();
        }
        assert_eq!(*world.broken.lock().unwrap(), BTreeSet::new());
    });
}

#[test]
fn a_logout_at_any_point_is_final_ends_the_login_and_leaves_no_lock() {
    in_any_order(|_| {
        let world = World::with_session();
        let (members, outcomes) = two_engines(&world, false, |member| {
            block_on(member.log_out()).unwrap();
        });
        outcomes.into_iter().for_each(logged_out_at_worst);
        for member in members {
            block_on(member.sync());
            let token = member.coordinator.snapshot();
            assert!(token.is_none(), "a token after a logout");
        }
        let logins = world.logins.lock().unwrap();
        assert!(logins.iter().all(Option::is_none), "{logins:?}");
    });
}
