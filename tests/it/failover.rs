//! Two Redis servers behind one name: the second takes over from the first, and back.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

use prancer_auth::store::{RedisStore, SessionStore as _};
use prancer_auth_emulator::Settings;

use crate::needs::needs;
use crate::portal::builder;
use crate::redis_server::{RedisServer, open};
use crate::stores::{identity, session};
use crate::witness::stored_token;

const TICK: Duration = Duration::from_millis(20);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_store_whose_server_has_become_a_replica_goes_over_to_the_one_that_leads() {
    needs!("redis-server", "redis-cli");
    let emulator = Settings::default().rotation(true).start().unwrap();
    let mut redis = Failover::start();
    let store = open(&redis.url(), &emulator, emulator.user());
    let session = builder(&emulator).store(store).build().unwrap();
    session.token().await.unwrap();
    for _ in 0..2 {
        redis.fail_over();
        // The portal answers; what it gave is stored where it can be written, at the latest after the pause that a failed store gets.
        let token = session.refresh().await.unwrap();
        let leader = redis.leader().store(&emulator, emulator.user());
        let is_stored = async {
            while stored_token(&leader).await.as_ref() != Some(&token) {
                tokio::time::sleep(5 * TICK).await;
                session.token().await.unwrap();
                session.settled().await.unwrap();
            }
        };
        let is_stored = tokio::time::timeout(30 * SECOND, is_stored).await;
        assert!(is_stored.is_ok(), "{:?}", session.status().store_failure);
    }
}

#[tokio::test]
async fn whatever_is_done_first_goes_to_the_new_leader_whether_command_or_script() {
    needs!("redis-server", "redis-cli");
    let mut redis = Failover::start();
    let open = || RedisStore::open(&redis.url(), &identity()).unwrap();
    let (store, other) = (open(), open());
    store.save(&session(), 0).await.unwrap();
    store.lock().await.unwrap().release().await;
    assert!(other.load().await.unwrap().is_some());
    redis.fail_over();
    other.save(&session().with_generation(2), 1).await.unwrap();
    let lock = store.lock().await.unwrap();
    store.save(&session().with_generation(3), 2).await.unwrap();
    lock.release().await;
    let leader = redis.leader();
    let key = &leader.keys(":session")[0];
    assert_eq!(leader.cli(&["HGET", key, "generation"]), "3");
    assert_eq!(leader.keys(":lock"), [""; 0]);
}

/// Two servers, of which one leads. Connections that are open stay with the server that they were opened to, as those of a name do that
/// is given to another machine.
pub(crate) struct Failover {
    servers: [RedisServer; 2],
    leads: usize,
    port: u16,
    target: Arc<AtomicU16>,
}

impl Failover {
    pub(crate) fn start() -> Self {
        let servers = [RedisServer::start(), RedisServer::start()];
        let target = Arc::new(AtomicU16::new(servers[0].port()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let to = Arc::clone(&target);
        // It ends with the process of the tests.
        spawn(move || {
            for from in listener.incoming().map_while(Result::ok) {
                forward(from, to.load(Ordering::SeqCst));
            }
        });
        let failover = Self {
            servers,
            leads: 0,
            port,
            target,
        };
        failover.follow();
        failover
    }

    pub(crate) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(crate) fn leader(&mut self) -> &mut RedisServer {
        &mut self.servers[self.leads]
    }

    /// The other one takes over, with everything that was written.
    pub(crate) fn fail_over(&mut self) {
        let (old, new) = (&self.servers[self.leads], &self.servers[1 - self.leads]);
        let port = new.port().to_string();
        // Refused until the old one counts the new one among its replicas, and again once it is a replica itself.
        wait(|| {
            old.cli(&["FAILOVER", "TO", "127.0.0.1", &port]);
            new.cli(&["ROLE"]).starts_with("master")
        });
        self.leads = 1 - self.leads;
        self.target.store(new.port(), Ordering::SeqCst);
    }

    /// The one that does not lead follows.
    fn follow(&self) {
        self.servers[1 - self.leads].replicates(&self.servers[self.leads]);
    }

    /// Waits until the one that follows has a connection to the one that leads.
    pub(crate) fn is_in_step(&self) -> bool {
        let follower = &self.servers[1 - self.leads];
        let replication = follower.cli(&["INFO", "replication"]);
        replication.contains("master_link_status:up")
    }
}

fn wait(is_so: impl Fn() -> bool) {
    for _ in 0..1000 {
        if is_so() {
            return;
        }
        sleep(TICK);
    }
    panic!("Redis does not follow");
}

fn forward(from: TcpStream, port: u16) {
    let Ok(to) = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))) else {
        return;
    };
    for (mut from, mut to) in [
        (from.try_clone().unwrap(), to.try_clone().unwrap()),
        (to, from),
    ] {
        spawn(move || {
            let _ = from.set_nodelay(true);
            let _ = io::copy(&mut from, &mut to);
            // An end on one side is one on the other.
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        });
    }
}
