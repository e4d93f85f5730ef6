//! A session in a cluster of three nodes, and in a Redis whose primary a sentinel names: by connections of redis's own, as users bring them.
//!
//! `RedisStore::open` leads to one server, or to what a name leads to (`failover`); what else there is goes through `RedisStore::new`.

use std::fs;
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use prancer_auth::store::{RedisStore, SessionStore as _, conformance};
use prancer_auth_emulator::{Emulator, Operation};
use redis::aio::MultiplexedConnection;
use redis::cluster::ClusterClient;
use redis::cluster_async::ClusterConnection;
use redis::sentinel::{SentinelClient, SentinelServerType};

use crate::needs::needs;
use crate::portal::{builder, credentials, portal};
use crate::redis_server::{RedisServer, open};
use crate::witness::{said, stored_token};

fn free_port() -> String {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    free.local_addr().unwrap().port().to_string()
}

/// Waits for what a server comes to by itself; panics after much longer than that takes.
async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not come about");
}

/// Three nodes, a third of the keys each.
async fn cluster() -> Vec<RedisServer> {
    let bus = [free_port(), free_port(), free_port()];
    let start = |bus: &String| {
        let arguments = ["--cluster-enabled", "yes", "--cluster-port", bus];
        RedisServer::start_with(&arguments, |_| ())
    };
    let nodes: Vec<_> = bus.iter().map(start).collect();
    for (number, node) in nodes.iter().enumerate() {
        let (first, last) = (number * 5462, (number * 5462 + 5461).min(16383));
        node.cli(&[
            "CLUSTER",
            "ADDSLOTSRANGE",
            &first.to_string(),
            &last.to_string(),
        ]);
        node.cli(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()]);
        let port = node.port().to_string();
        nodes[0].cli(&["CLUSTER", "MEET", "127.0.0.1", &port, &bus[number]]);
    }
    let is_whole = |node: &RedisServer| {
        let info = node.cli(&["CLUSTER", "INFO"]);
        info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
    };
    until(|| nodes.iter().all(is_whole)).await;
    nodes
}

async fn of_cluster(nodes: &[RedisServer], emulator: &Emulator) -> RedisStore<ClusterConnection> {
    let client = ClusterClient::new(nodes.iter().map(RedisServer::url)).unwrap();
    let connection = client.get_async_connection().await.unwrap();
    let identity = credentials(emulator.user()).identity(&portal(emulator));
    RedisStore::new(connection, "the cluster", &identity)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_three_nodes_passes_the_test_of_stores() {
    needs!("redis-server", "redis-cli");
    let (nodes, emulator) = (cluster().await, Emulator::start().unwrap());
    let store = of_cluster(&nodes, &emulator).await;
    conformance::check(async || store.clone()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_in_a_cluster_is_on_one_node_and_outlives_the_nodes_absence() {
    needs!("redis-server", "redis-cli");
    let (mut nodes, emulator) = (cluster().await, Emulator::start().unwrap());
    let store = of_cluster(&nodes, &emulator).await;
    let session = builder(&emulator).store(store.clone()).build().unwrap();
    let token = session.token().await.unwrap();
    session.settled().await.unwrap();
    let has = |node: &RedisServer| !node.keys(":session").is_empty();
    assert_eq!(nodes.iter().filter(|it| has(it)).count(), 1);
    let owner = nodes.iter().position(has).unwrap();
    let other = builder(&emulator).store(store.clone()).build().unwrap();
    assert_eq!(other.token().await.unwrap(), token);
    assert_eq!(emulator.calls(Operation::Login), 1);

    nodes[owner].kill();
    assert_eq!(session.token().await.unwrap(), token);
    nodes[owner].start_again();
    // Saved where it can be again, at the latest when the store was left alone for its while.
    let renewed = session.refresh().await.unwrap();
    let is_saved = async {
        while store
            .load()
            .await
            .ok()
            .flatten()
            .and_then(|it| it.tokens)
            .map(|it| it.access_token)
            .as_ref()
            != Some(&renewed)
        {
            tokio::time::sleep(Duration::from_millis(100)).await;
            session.token().await.unwrap();
            let _ = session.settled().await;
        }
    };
    let is_saved = tokio::time::timeout(Duration::from_secs(60), is_saved).await;
    assert!(is_saved.is_ok(), "{:?}", session.status().store_failure);
}

#[tokio::test]
async fn one_node_of_a_cluster_is_no_store_and_its_error_says_why() {
    needs!("redis-server", "redis-cli");
    let (nodes, emulator) = (cluster().await, Emulator::start().unwrap());
    let mut moved = 0;
    for node in &nodes {
        let store = open(&node.url(), &emulator, emulator.user());
        if let Err(error) = store.load().await {
            let said = said(&error);
            assert!(
                said.contains("cluster") && said.contains("RedisStore::new"),
                "{said}"
            );
            moved += 1;
        }
    }
    assert!(moved >= 2, "two of three do not have the key: {moved}");
}

/// A sentinel that watches one primary, which it calls `portal`.
struct Sentinel {
    port: String,
    process: Child,
    _folder: tempfile::TempDir,
}

impl Sentinel {
    fn watches(primary: &RedisServer) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let file = folder.path().join("sentinel.conf");
        let monitor = format!("sentinel monitor portal 127.0.0.1 {} 1", primary.port());
        let text = format!(
            "bind 127.0.0.1\nport {port}\n{monitor}\nsentinel failover-timeout portal 20000\n"
        );
        fs::write(&file, text).unwrap();
        let mut server = Command::new("redis-server");
        let server = server.arg(file).arg("--sentinel").stdout(Stdio::null());
        let process = server.spawn().unwrap();
        Self {
            port,
            process,
            _folder: folder,
        }
    }

    fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        let output = command
            .args(["-p", &self.port, "--raw"])
            .args(arguments)
            .output();
        String::from_utf8_lossy(&output.unwrap().stdout)
            .trim()
            .to_owned()
    }

    /// A store at the primary of now.
    async fn store(&self, emulator: &Emulator) -> RedisStore<MultiplexedConnection> {
        let sentinels = vec![format!("redis://127.0.0.1:{}", self.port)];
        let client = SentinelClient::build(
            sentinels,
            String::from("portal"),
            None,
            SentinelServerType::Master,
        );
        let connection = client.unwrap().get_async_connection().await.unwrap();
        let identity = credentials(emulator.user()).identity(&portal(emulator));
        RedisStore::new(connection, "the sentinel's primary", &identity)
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn a_session_is_found_at_the_primary_that_a_sentinel_has_promoted() {
    needs!("redis-server", "redis-cli");
    let (first, second, emulator) = (
        RedisServer::start(),
        RedisServer::start(),
        Emulator::start().unwrap(),
    );
    second.replicates(&first);
    let sentinel = Sentinel::watches(&first);
    until(|| {
        sentinel
            .cli(&["SENTINEL", "MASTERS"])
            .contains("num-slaves\n1")
    })
    .await;
    let before = sentinel.store(&emulator).await;
    let session = builder(&emulator).store(before).build().unwrap();
    let token = session.token().await.unwrap();
    session.settled().await.unwrap();
    until(|| !second.keys(":session").is_empty()).await;

    until(|| sentinel.cli(&["SENTINEL", "FAILOVER", "portal"]) == "OK").await;
    let promoted = second.port().to_string();
    until(|| {
        sentinel
            .cli(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "portal"])
            .ends_with(&promoted)
    })
    .await;
    until(|| first.cli(&["ROLE"]).starts_with("slave")).await;
    // The program's own connection leads to the old one still: its token is good, it is told, and the portal is not asked in vain.
    assert_eq!(session.token().await.unwrap(), token);
    let error = session.refresh().await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let failure = said(&session.status().store_failure.unwrap());
    assert!(failure.contains("Redis"), "{failure}");
    assert_eq!(emulator.calls(Operation::Refresh), 0);
    // One that asks the sentinel again finds the session, and goes on with it.
    let after = sentinel.store(&emulator).await;
    let session = builder(&emulator).store(after.clone()).build().unwrap();
    assert_eq!(session.token().await.unwrap(), token);
    let renewed = session.refresh().await.unwrap();
    session.settled().await.unwrap();
    assert_eq!(stored_token(&after).await, Some(renewed));
    assert_eq!(emulator.calls(Operation::Login), 1);
}
