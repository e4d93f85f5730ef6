//! One history: what the processes do, what goes wrong meanwhile, and whether every rule holds.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::portal::Portal;
use super::replica::{Replica, credentials};
use super::store::Shared;
use super::world::{Fault, MachineClock, World};
use crate::store::StoredSession;

const HOUR: u64 = 60 * 60 * 1000;
/// Faults that let tokens live on, or be spent twice, by no fault of a session.
pub(super) const LOSES_TOKENS: [Fault; 6] = [
    Fault::Crash,
    Fault::PortalDown,
    Fault::AnswerLost,
    Fault::StoreDown,
    Fault::StoreReset,
    Fault::LockLost,
];

pub(super) struct History {
    pub(super) world: World,
    pub(super) portal: Portal,
    pub(super) store: Shared,
    pub(super) replicas: Vec<Arc<Replica>>,
    /// What programs have saved themselves.
    saved: Vec<StoredSession>,
}

impl History {
    fn begin(seed: u64) -> Self {
        fastrand::seed(seed);
        let world = World::new(seed);
        let portal = Portal::new(world.clone());
        let store = Shared::new(world.clone());
        let mut history = Self {
            world,
            portal,
            store,
            replicas: Vec::new(),
            saved: Vec::new(),
        };
        for number in 0..2 + history.world.below(3) as usize {
            let replica = history.replica(number);
            history.replicas.push(replica);
        }
        history
    }

    fn replica(&self, number: usize) -> Arc<Replica> {
        let world = &self.world;
        let other = world.chance(0.1);
        if other {
            world.fault(Fault::OtherUser);
        }
        let held = credentials(
            u64::from(other && world.chance(0.5)),
            u64::from(other),
            "right",
        );
        let held = Some(held).filter(|_| number == 0 || world.chance(0.7));
        let clock = MachineClock {
            world: world.clone(),
            ahead: Arc::default(),
        };
        let replica = Replica::new(number, &self.portal, &self.store, clock, held);
        if !self.saved.is_empty() && world.chance(0.5) {
            let index = world.below(self.saved.len() as u64) as usize;
            replica.resume(self.saved[index].clone());
        }
        replica
    }

    async fn run(mut self) -> Vec<String> {
        let acts = 10 + self.world.below(30);
        let faulty = self.world.chance(0.7);
        let skew = self.world.chance(0.25);
        for _ in 0..acts {
            self.act(faulty, skew);
            let pause = match self.world.below(10) {
                0 => self.world.below(9 * 24 * HOUR),
                1 => self.world.below(HOUR),
                2..=4 => self.world.below(2000),
                _ => self.world.below(50),
            };
            sleep(Duration::from_millis(pause)).await;
        }
        self.quiet().await;
        let inner = self.world.get();
        let log = inner.log.clone();
        let broken = inner.broken.clone();
        if broken.is_empty() {
            return broken;
        }
        broken.into_iter().chain(log).collect()
    }

    fn act(&mut self, faulty: bool, skew: bool) {
        let world = self.world.clone();
        let index = world.below(self.replicas.len() as u64) as usize;
        let replica = Arc::clone(&self.replicas[index]);
        if !replica.is_alive() {
            self.replicas[index] = self.replica(replica.number);
            return;
        }
        match world.below(24) {
            0..=8 => drop(tokio::spawn(async move { drop(replica.token().await) })),
            9 => drop(tokio::spawn(
                async move { drop(replica.engine.renew().await) },
            )),
            10 | 11 => drop(tokio::spawn(async move { replica.log_in(None).await })),
            12 => {
                let other = u64::from(world.chance(0.2));
                if other == 1 {
                    world.fault(Fault::OtherUser);
                }
                let given = credentials(0, other, "right");
                tokio::spawn(async move { replica.log_in(Some(given)).await });
            }
            13 => {
                let given = credentials(0, 0, "wrong");
                tokio::spawn(async move { replica.log_in(Some(given)).await });
            }
            14 => drop(tokio::spawn(async move { replica.log_out().await })),
            15 => {
                let token = replica.engine.coordinator.snapshot();
                if let Some(token) = token.as_ref() {
                    replica.engine.bearer_rejected(token.serial, "/api/");
                }
            }
            16 if world.chance(0.3) => self.portal.revoke_all(),
            16 => self
                .saved
                .extend(replica.engine.coordinator.update(|it| it.stored())),
            17 if !skew && replica.is_settled() => {
                self.replicas[index] = self.replica(replica.number);
            }
            17 if skew => {
                world.fault(Fault::Clock);
                replica.skewed.store(true, Ordering::Release);
                let steps = [-25 * 60 * 60, -120, -2, 2, 120, 25 * 60 * 60];
                let step = steps[world.below(6) as usize] * 1000;
                let mut ahead = replica
                    .clock
                    .ahead
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *ahead += step;
                world.log(|| format!("clock of {} steps {step}", replica.number));
            }
            18.. if faulty => self.fault(&replica),
            _ => {}
        }
    }

    fn fault(&self, replica: &Replica) {
        let world = &self.world;
        let mut inner = world.get();
        let mut happened = None;
        match inner.random.u64(0..12) {
            0 => {
                inner.portal_down = !inner.portal_down;
                happened = Some(Fault::PortalDown);
            }
            1 => {
                inner.answers_lost = !inner.answers_lost;
            }
            2 => {
                inner.slow = !inner.slow;
                happened = Some(Fault::PortalDown);
            }
            3 | 4 => {
                inner.store_down = !inner.store_down;
                happened = Some(Fault::StoreDown);
            }
            5 => {
                inner.store_hangs = !inner.store_hangs;
                happened = Some(Fault::StoreDown);
            }
            6 | 7 => {
                replica.alive.store(false, Ordering::Release);
                happened = Some(Fault::Crash);
            }
            8 => {
                drop(inner);
                return self.store.reset();
            }
            9 => {
                drop(inner);
                return self.store.lose_lock();
            }
            _ => {}
        }
        let line = format!("fault {happened:?} {}", replica.number);
        inner.faults.extend(happened);
        drop(inner);
        world.log(|| line);
    }
}

/// A history that is yet to be run, by its seed.
pub(super) struct HistoryOf(pub(super) u64);

impl HistoryOf {
    /// What was broken, and what happened before; empty where every rule held.
    pub(super) fn run(self) -> Vec<String> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        match runtime {
            Ok(runtime) => runtime.block_on(async { History::begin(self.0).run().await }),
            Err(error) => vec![error.to_string()],
        }
    }
}
