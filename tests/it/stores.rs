//! What the stores do for themselves: all of them pass the same test, and each keeps its promises about what others see.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use prancer_auth::Identity;
use prancer_auth::store::{
    FileStore, MemoryStore, RedisStore, SealingKey, SessionStore, StoreError, StoredSession,
    StoredTokens, conformance,
};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::needs::needs;
use crate::redis_server::RedisServer;

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);

pub(crate) fn identity() -> Identity {
    Identity::new("https://portal.prancer.io/")
        .with_customer_id("customer1")
        .with_email("user@example.com")
}

pub(crate) fn session() -> StoredSession {
    let (access, refresh) = ("canary-access".into(), "canary-refresh".into());
    let tokens = StoredTokens::new(access, refresh, SystemTime::now(), HOUR);
    StoredSession::new(identity(), tokens)
}

fn file_store() -> (TempDir, FileStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path().join("below/session.json"));
    (folder, store)
}

pub(crate) fn redis_store(server: &RedisServer) -> RedisStore {
    RedisStore::open(&server.url(), &identity()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_passes_the_test_of_stores() {
    let store = MemoryStore::default();
    assert_eq!(store.location(), "memory");
    assert_eq!(SessionStore::location(&Arc::new(store.clone())), "memory");
    conformance::check(async || store.clone()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_passes_the_test_of_stores() {
    let (_folder, store) = file_store();
    let path = store.path().to_owned();
    conformance::check(async || FileStore::new(&path))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_passes_the_test_of_stores_open_and_sealed() {
    needs!("redis-server");
    let server = RedisServer::start();
    let location = redis_store(&server).location();
    let (name, place) = location.split_once(" at ").unwrap();
    assert!(
        name.contains("customer1") && place.contains("127.0.0.1"),
        "{location}"
    );
    conformance::check(async || redis_store(&server))
        .await
        .unwrap();
    let sealed = async || {
        let store = redis_store(&server).prefix("sealed");
        store.sealed(SealingKey::new([7; 32]))
    };
    conformance::check(sealed).await.unwrap();
}

#[tokio::test]
async fn a_store_that_breaks_a_rule_does_not_pass() {
    // Every handle is a place of its own: what one saves, the other does not find.
    let checked = conformance::check(async || MemoryStore::default()).await;
    let broken = checked.unwrap_err();
    assert_eq!(broken, "broken: what is loaded is what was saved");
}

#[tokio::test]
async fn only_its_owner_reads_the_file() {
    let (_folder, store) = file_store();
    store.save(&session(), 0).await.unwrap();
    let folder = store.path().parent().unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    for entry in fs::read_dir(folder).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
    assert_eq!(mode(folder), 0o700);

    fs::set_permissions(store.path(), Permissions::from_mode(0o640)).unwrap();
    let refused = store.load().await.unwrap_err().to_string();
    assert!(
        refused.contains("mode 640") && refused.contains("chmod 600 '"),
        "{refused}"
    );
    fs::set_permissions(store.path(), Permissions::from_mode(0o600)).unwrap();
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    let refused = store.save(&session(), 1).await.unwrap_err().to_string();
    assert!(
        refused.contains("mode 755") && refused.contains("chmod 700 '"),
        "{refused}"
    );
}

#[tokio::test]
async fn a_link_is_not_followed() {
    let (folder, store) = file_store();
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "untouched").unwrap();
    fs::set_permissions(&elsewhere, Permissions::from_mode(0o600)).unwrap();
    store.lock().await.unwrap();
    symlink(&elsewhere, store.path()).unwrap();
    for refused in [
        store.load().await.map(drop),
        store.save(&session(), 0).await,
    ] {
        assert!(
            matches!(refused, Err(StoreError::NotAFile(_))),
            "{refused:?}"
        );
    }
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "untouched");
    // Nor are the locks written through one.
    store.remove().await.unwrap();
    let lock = store.path().with_file_name("session.json.lock");
    fs::remove_file(&lock).unwrap();
    symlink(&elsewhere, &lock).unwrap();
    assert!(store.lock().await.is_err());
}

#[tokio::test]
async fn a_session_is_not_removed_in_the_middle_of_a_save_which_would_bring_it_back() {
    let (_folder, store) = file_store();
    store.save(&session(), 0).await.unwrap();
    // As another process holds it while it saves.
    let saving = File::open(store.path().with_file_name("session.json.saving")).unwrap();
    saving.lock().unwrap();
    let removed = timeout(Duration::from_millis(300), store.remove()).await;
    assert!(removed.is_err() && store.load().await.unwrap().is_some());
    // One that is stopped for good hinders no other.
    store.remove().await.unwrap();
    assert!(store.load().await.unwrap().is_none());
}

#[tokio::test]
async fn a_file_cut_anywhere_or_of_a_newer_version_is_refused_and_left_as_it_is() {
    let (_folder, store) = file_store();
    store.save(&session(), 0).await.unwrap();
    let whole = fs::read(store.path()).unwrap();
    let length = whole.trim_ascii_end().len();
    let cut = (0..length).map(|length| whole[..length].to_vec());
    for content in cut.chain([br#"{"version": 4, "generation": 1}"#.to_vec()]) {
        // In place, so that the mode stays.
        fs::write(store.path(), &content).unwrap();
        for refused in [
            store.load().await.map(drop),
            store.save(&session(), 0).await,
        ] {
            let refused = refused.unwrap_err();
            assert!(matches!(refused, StoreError::Invalid { .. }), "{refused}");
            assert!(!format!("{refused} {refused:?}").contains("canary"));
        }
        assert_eq!(fs::read(store.path()).unwrap(), content);
    }
}

#[tokio::test]
async fn a_file_that_is_larger_than_any_session_is_not_read() {
    let (_folder, store) = file_store();
    store.save(&session(), 0).await.unwrap();
    let file = fs::File::options().write(true).open(store.path());
    // It takes no room on the disk.
    file.unwrap().set_len(9 << 20).unwrap();
    for refused in [
        store.load().await.map(drop),
        store.save(&session(), 0).await,
    ] {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("larger than any session"), "{refused}");
    }
    let file = fs::File::options().write(true).open(store.path());
    file.unwrap().set_len(8 << 20).unwrap();
    let refused = store.load().await.unwrap_err().to_string();
    assert!(!refused.contains("larger than any session"), "{refused}");
}

#[tokio::test]
async fn the_two_versions_of_the_format_go_side_by_side() {
    let (_folder, store) = file_store();
    store.lock().await.unwrap();
    let first = r#"{"version": 1, "portal": "https://portal.prancer.io/", "access_token": "a",
        "refresh_token": "r", "issued_at_ms": 1, "lifetime_ms": 2}"#;
    fs::write(store.path(), first).unwrap();
    fs::set_permissions(store.path(), Permissions::from_mode(0o600)).unwrap();
    let read = store.load().await.unwrap().unwrap();
    assert_eq!(read.generation, 1);
    assert_eq!(read.tokens.as_ref().unwrap().access_token.expose(), "a");
    store.save(&read.with_generation(2), 1).await.unwrap();
    let written = fs::read_to_string(store.path()).unwrap();
    assert!(written.contains("\"version\": 3"), "{written}");
}

#[tokio::test]
async fn a_place_that_cannot_be_written_is_an_error_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let store = FileStore::new(folder.path().join("file/session.json"));
    for failed in [
        store.load().await.map(drop),
        store.save(&session(), 0).await,
        store.remove().await,
        store.lock().await.map(drop),
    ] {
        let failed = failed.unwrap_err();
        assert!(matches!(failed, StoreError::Unavailable { .. }), "{failed}");
    }
}

#[tokio::test]
async fn a_path_without_a_folder_is_in_the_folder_where_the_program_is() {
    let name = format!("prancer-auth-{}.json", std::process::id());
    let locked = FileStore::new(&name).lock().await;
    let _ = fs::remove_file(name + ".lock");
    // Others may enter that folder, as a rule.
    let found = matches!(locked, Ok(_) | Err(StoreError::OpenToOthers { .. }));
    assert!(found, "{locked:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn waiting_for_the_lock_of_a_file_takes_no_threads_and_leaves_none() {
    // Of this crate alone: other tests run beside this one.
    let waiting = || {
        let threads = fs::read_dir("/proc/self/task").unwrap();
        let name = |it: PathBuf| fs::read_to_string(it.join("comm")).unwrap_or_default();
        let names = threads.map(|it| name(it.unwrap().path()));
        names.filter(|it| it.starts_with("prancer-auth-lo")).count()
    };
    let (_folder, store) = file_store();
    let held = store.lock().await.unwrap();
    for _ in 0..20 {
        let given_up = tokio::time::timeout(Duration::from_millis(5), store.lock()).await;
        assert!(given_up.is_err());
    }
    assert_eq!(waiting(), 0);
    held.release().await;
    let next = tokio::time::timeout(HOUR, store.lock()).await.unwrap();
    next.unwrap().release().await;
}
