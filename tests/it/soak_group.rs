//! Sessions that share a store, and what goes wrong with them in the soak.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use http::StatusCode;
use prancer_auth::store::SessionStore;
use prancer_auth::{Clock, Now, Session};
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};

use crate::portal::builder;
use crate::watched::Watched;

const SESSIONS_OF_A_STORE: usize = 4;
const LIFETIME: Duration = Duration::from_secs(2);
/// How far a clock is put back behind that of the portal, at most: by so much, a token that another one has stored looks younger.
pub(crate) const BEHIND: i64 = 1000;
const AHEAD: i64 = 3_600_000;
/// How long peace may take to come; much longer than any backoff.
pub(crate) const PEACE: Duration = Duration::from_secs(120);

/// The clocks of one machine, of which the wall clock is set by others.
#[derive(Clone)]
struct Machine {
    start: Instant,
    offset_ms: Arc<AtomicI64>,
}

impl Clock for Machine {
    fn now(&self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let offset = self.offset_ms.load(Ordering::SeqCst);
        let by = Duration::from_millis(offset.unsigned_abs());
        Now {
            wall: if offset < 0 { wall - by } else { wall + by },
            monotonic: Duration::from_secs(1 << 32) + self.start.elapsed(),
        }
    }
}

/// A session, and the access tokens that it has ended itself.
pub(crate) struct Member {
    pub(crate) session: Session,
    pub(crate) ended: Mutex<HashSet<String>>,
}

/// Those who share a store.
pub(crate) struct Group {
    pub(crate) emulator: Emulator,
    pub(crate) store: Arc<Watched>,
    machine: Machine,
    pub(crate) members: Vec<Arc<Member>>,
}

impl Group {
    pub(crate) fn new(store: impl SessionStore) -> Self {
        let settings = Settings::default().rotation(true).reuse_detection(true);
        let settings = settings.login_lifetime(LIFETIME).refresh_lifetime(LIFETIME);
        let emulator = settings.start().unwrap();
        let store = Watched::new(store);
        let machine = Machine {
            start: Instant::now(),
            offset_ms: Arc::default(),
        };
        let member = |_| {
            let builder = builder(&emulator)
                .store(Arc::clone(&store))
                .clock(machine.clone());
            Arc::new(Member {
                session: builder.build().unwrap(),
                ended: Mutex::default(),
            })
        };
        let members = (0..SESSIONS_OF_A_STORE).map(member).collect();
        Self {
            emulator,
            store,
            machine,
            members,
        }
    }

    /// Something goes wrong, or is done by people.
    pub(crate) async fn suffers(&self, chance: &mut fastrand::Rng) {
        let operation = chance.choice([
            Operation::Login,
            Operation::Refresh,
            Operation::Logout,
            Operation::User,
        ]);
        let operation = operation.unwrap();
        let member = chance.choice(&self.members).unwrap();
        match chance.u32(0..14) {
            0 => self.emulator.fail_next(operation, Fault::Drop),
            1 => self.emulator.fail_next(operation, Fault::Truncate),
            2 => self
                .emulator
                .fail_next(operation, Fault::status(StatusCode::BAD_GATEWAY)),
            3 => self
                .emulator
                .fail_next(operation, Fault::json(StatusCode::OK, "{\"data\":[]}")),
            4 => self
                .emulator
                .fail_next(operation, Fault::Late(Duration::from_millis(300))),
            5 => self
                .emulator
                .fail_next(operation, Fault::Delay(Duration::from_millis(300))),
            6 => self.emulator.revoke_all(),
            7 => drop(self.store.remove().await),
            8 => {
                let offset = chance.i64(-BEHIND..AHEAD);
                self.machine.offset_ms.store(offset, Ordering::SeqCst);
            }
            9 => {
                let before = member.session.stored().and_then(|it| it.tokens);
                if member.session.logout().await.is_ok()
                    && let Some(tokens) = before
                {
                    let token = tokens.access_token.expose().to_owned();
                    member.ended.lock().unwrap().insert(token);
                }
            }
            // More often than the rest, for a session that is logged out has less to do.
            _ => drop(member.session.login().await),
        }
    }

    /// Nothing goes wrong any more.
    pub(crate) async fn is_at_peace(&self) {
        self.machine.offset_ms.store(0, Ordering::SeqCst);
        for member in &self.members {
            let comes_back = async {
                loop {
                    let _ = member.session.login().await;
                    let answer = member.session.get("user/get/").send().await;
                    if answer.is_ok_and(|it| it.status() == StatusCode::OK) {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            };
            let back = tokio::time::timeout(PEACE, comes_back).await;
            assert!(back.is_ok(), "{:?}", member.session.status());
        }
        for member in &self.members {
            let _ = member.session.settled().await;
        }
    }

    /// Once the troubles that are still to come have come, a login ends the session at the portal that it takes the place of.
    pub(crate) async fn leaves_no_sessions_behind(&self) {
        const LOGINS: usize = 1000;
        const STEADY: usize = 10;
        let (session, mut steady) = (&self.members[0].session, 0);
        for _ in 0..LOGINS {
            let before = self.emulator.sessions();
            let logged_in = session.login().await.is_ok() && session.settled().await.is_ok();
            let is_steady = logged_in && self.emulator.sessions() <= before;
            steady = if is_steady { steady + 1 } else { 0 };
            if steady == STEADY {
                return;
            }
            if !logged_in {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        panic!("logins leave sessions at the portal behind");
    }
}
