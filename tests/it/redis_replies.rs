//! Replies of Redis that are lost, or read late.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::spawn;
use std::time::Duration;

use prancer_auth::store::{RedisStore, SessionStore as _};
use tokio::runtime::Builder;
use tokio::time::{advance, pause, resume, timeout};

use crate::needs::needs;
use crate::redis_server::RedisServer;
use crate::stores::{identity, redis_store};

const SECOND: Duration = Duration::from_secs(1);
/// Longer than anything here can take that waits for nothing.
const BOUND: Duration = Duration::from_secs(10);
/// The longest that a lock of a holder that has died stays.
const EXPIRY: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_lock_whose_grant_was_lost_is_not_waited_for() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let network = Network::to(&server);
    let store = network.store().lock_expiry(EXPIRY);
    // The connection is open, and Redis knows the scripts.
    store.lock().await.unwrap().release().await;
    network.loses_a_reply();
    let lock = timeout(BOUND, store.lock()).await;
    let lock = lock.expect("it waits for a lock of its own").unwrap();
    assert!(!network.is_to_lose_a_reply());
    assert_eq!(server.keys(":lock").len(), 1);
    lock.release().await;
    assert_eq!(server.keys(":lock"), [""; 0]);
}

#[test]
fn a_runtime_that_was_not_run_meanwhile_takes_no_redis_for_silent() {
    needs!("redis-server", "redis-cli");
    let server = RedisServer::start();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = redis_store(&server);
        let loads = tokio::spawn(async move { store.load().await });
        // This command line is one of the clients.
        while server.cli(&["CLIENT", "LIST"]).lines().count() < 2 {
            tokio::task::yield_now().await;
        }
        // Redis has what it was sent so far; this runtime is not run while a command would have timed out.
        pause();
        advance(4 * SECOND).await;
        resume();
        let loaded = loads.await.unwrap();
        assert!(loaded.as_ref().is_ok_and(Option::is_none), "{loaded:?}");
    });
}

/// The way to a Redis, on which replies get lost.
struct Network {
    port: u16,
    loses: Arc<AtomicBool>,
}

impl Network {
    fn to(server: &RedisServer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let loses = Arc::new(AtomicBool::new(false));
        let (address, loses_one) = (server.address(), Arc::clone(&loses));
        spawn(move || {
            for client in listener.incoming() {
                let server = TcpStream::connect(address).unwrap();
                pass(&client.unwrap(), &server, &loses_one);
            }
        });
        Self { port, loses }
    }

    /// The next reply does not arrive, and its connection ends.
    fn loses_a_reply(&self) {
        self.loses.store(true, Ordering::SeqCst);
    }

    fn is_to_lose_a_reply(&self) -> bool {
        self.loses.load(Ordering::SeqCst)
    }

    fn store(&self) -> RedisStore {
        RedisStore::open(&format!("redis://127.0.0.1:{}", self.port), &identity()).unwrap()
    }
}

fn pass(client: &TcpStream, server: &TcpStream, loses: &Arc<AtomicBool>) {
    let (mut requests, mut redis) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    spawn(move || {
        let _ = std::io::copy(&mut requests, &mut redis);
        let _ = redis.shutdown(Shutdown::Both);
    });
    let (mut replies, mut program) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let loses = Arc::clone(loses);
    spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(length @ 1..) = replies.read(&mut bytes) {
            if loses.swap(false, Ordering::SeqCst) || program.write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        let _ = program.shutdown(Shutdown::Both);
    });
}
