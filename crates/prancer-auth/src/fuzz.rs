//! Bytes that nobody meant, to everything that reads them: envelope, claims, stored session, the value in Redis, URL, path, words.
//!
//! The seeds lie in `seeds`, a folder for each reader. What once failed is put there, too. `PROPTEST_CASES` says how many changes of them
//! are tried, by default 256.

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use prancer_auth_client::AccessToken;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;

use crate::api::plain_text::plain_text;
use crate::api::{jwt, response};
use crate::settings::portal::Portal;
use crate::store::StoredSession;

/// One change of a seed, at a place that is a part of its length.
#[derive(Debug, Clone)]
enum Change {
    Set(f64, u8),
    Insert(f64, Vec<u8>),
    Remove(f64, usize),
    Double(f64, usize),
    CutOff(f64),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = |part: f64| ((bytes.len() as f64) * part) as usize;
        match self {
            Self::Set(part, byte) => {
                let at = at(*part);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Insert(part, new) => {
                let at = at(*part);
                bytes.splice(at..at, new.iter().copied());
            }
            Self::Remove(part, length) => {
                let at = at(*part);
                bytes.drain(at..bytes.len().min(at + length));
            }
            Self::Double(part, length) => {
                let at = at(*part);
                let again = bytes[at..bytes.len().min(at + length)].to_vec();
                bytes.splice(at..at, again);
            }
            Self::CutOff(part) => bytes.truncate(at(*part)),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    // What readers stumble over, and anything.
    let bytes = prop_oneof![
        Just(b"%2e".to_vec()),
        Just(b"..;/".to_vec()),
        Just(b"\\".to_vec()),
        Just(b"\"\0\r\n\x1b[".to_vec()),
        Just(b"1e999".to_vec()),
        Just("\u{202e}\u{feff}ä".as_bytes().to_vec()),
        Just(b"[[[[".to_vec()),
        vec(any::<u8>(), 0..8),
    ];
    prop_oneof![
        (0.0..1.0, any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (0.0..1.0, bytes).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (0.0..1.0, 0..20_usize).prop_map(|(at, length)| Change::Remove(at, length)),
        (0.0..1.0, 0..20_usize).prop_map(|(at, length)| Change::Double(at, length)),
        (0.0..1.0).prop_map(Change::CutOff),
    ]
}

fn seeds(folder: &str) -> Vec<Vec<u8>> {
    // Tests run in the folder of their package.
    let files = fs::read_dir(Path::new("seeds").join(folder)).unwrap();
    files
        .map(|it| fs::read(it.unwrap().path()).unwrap())
        .collect()
}

/// Gives `read` every seed of a folder as it is, then changed in every way.
fn fuzz(folder: &str, read: impl Fn(&[u8])) {
    let seeds = seeds(folder);
    assert!(!seeds.is_empty());
    seeds.iter().for_each(|seed| read(seed));
    let changed = (prop::sample::select(seeds), vec(change(), 1..8));
    let mut runner = proptest::test_runner::TestRunner::default();
    let tried = runner.run(&changed, |(mut bytes, changes)| {
        changes.iter().for_each(|change| change.apply(&mut bytes));
        read(&bytes);
        Ok(())
    });
    tried.unwrap();
}

fn assert_plain(text: &str) {
    assert!(!text.contains(|it: char| it.is_control()), "{text:?}");
}

#[test]
fn any_body_is_an_envelope_or_a_rejection_without_secrets() {
    fuzz("envelope", |body| {
        for status in [200, 400, 401, 500] {
            let status = StatusCode::from_u16(status).unwrap();
            let read = response::envelope_of::<Value>(body, status, "canary");
            match read {
                Ok(envelope) => assert!(status.is_success() && !envelope.is_failure()),
                Err(said) => {
                    let text = format!("{said}");
                    assert!(!text.contains("canary") && text.len() < 100_000, "{text}");
                    assert_plain(&text);
                }
            }
        }
    });
}

#[test]
fn any_token_has_a_life_that_can_be_believed() {
    fuzz("claims", |token| {
        let token = String::from_utf8_lossy(token);
        if let Some(times) = jwt::times(&token) {
            for asked_at in [Duration::ZERO, Duration::MAX / 2, times.expires_at] {
                let lifetime = times.lifetime(asked_at, asked_at, jwt::LOGIN);
                assert!(lifetime <= jwt::LONGEST, "{lifetime:?}");
            }
        }
        let header = AccessToken::from(&*token).bearer();
        assert!(
            header.is_ok_and(|it| it.is_sensitive())
                || !token.bytes().all(|it| it.is_ascii_graphic())
                || token.is_empty()
        );
    });
}

#[test]
fn any_stored_session_is_one_that_can_be_written_again_or_an_error_without_a_token() {
    fuzz("stored", |written| {
        match StoredSession::from_json(written) {
            Ok(session) => {
                let again = StoredSession::from_json(&session.to_json()).unwrap();
                assert_eq!(again, session);
            }
            Err(error) => assert!(!format!("{error} {error:?}").contains("canary")),
        }
    });
}

/// Who can write to the Redis makes no session: with a key, only what was sealed with it is one, byte for byte.
#[cfg(feature = "redis")]
#[test]
fn any_value_in_redis_is_an_error_where_it_is_not_what_the_key_has_sealed() {
    use crate::lifecycle::Identity;
    use crate::store::{RedisStore, SealingKey};

    let identity = Identity::new("https://portal.prancer.io/")
        .with_customer_id("customer1")
        .with_email("user@example.com");
    let open = RedisStore::new((), "here", &identity);
    let sealed = open.clone().sealed(SealingKey::new([7; 32]));
    let accepting = sealed.clone().accept_unsealed();
    let name = open.name();
    let seeds = seeds("redis");
    assert!(seeds.iter().any(|it| sealed.read(&name, it).is_ok()));
    fuzz("redis", |value| {
        let by_key = sealed.read(&name, value);
        assert!(by_key.is_err() || seeds.iter().any(|it| it == value));
        assert!(by_key.is_err() || sealed.read("another name", value).is_err());
        assert!(by_key.is_err() || open.read(&name, value).is_err());
        for read in [
            by_key,
            open.read(&name, value),
            accepting.read(&name, value),
        ] {
            match read {
                Ok(session) => {
                    let again = StoredSession::from_json(&session.to_json()).unwrap();
                    assert_eq!(again, session);
                }
                Err(error) => assert!(!format!("{error} {error:?}").contains("canary")),
            }
        }
    });
}

#[test]
fn any_url_is_a_portal_that_shows_nothing_to_the_network_or_an_error() {
    fuzz("url", |url| {
        let Ok(portal) = Portal::new(&String::from_utf8_lossy(url)) else {
            return;
        };
        let url = portal.url();
        assert!(url.username().is_empty() && url.password().is_none());
        assert!(url.query().is_none() && url.path().ends_with('/'));
        let local = ["localhost", "[::1]"].contains(&url.host_str().unwrap());
        let local = local || url.host_str().unwrap().starts_with("127.");
        assert!(url.scheme() == "https" || local, "{url}");
        assert_eq!(Portal::new(url.as_str()).as_ref(), Ok(&portal));
    });
}

#[test]
fn any_path_stays_below_the_tenant_however_often_it_is_decoded() {
    let portal = Portal::new("https://portal.example/p")
        .unwrap()
        .with_tenant("t")
        .unwrap();
    fuzz("path", |path| {
        let Ok(url) = portal.endpoint(&String::from_utf8_lossy(path)) else {
            return;
        };
        assert_eq!(url.origin(), portal.url().origin());
        let mut path = url.path().to_owned();
        for _ in 0..5 {
            assert!(path.starts_with("/p/t/"), "{url}");
            // As the most careless of servers reads it.
            let plain = path.replace('\\', "/");
            let segments = plain
                .split('/')
                .map(|it| it.split(';').next().unwrap_or_default());
            let mut depth = 0;
            for segment in segments.skip(3) {
                depth += match segment {
                    ".." => -1,
                    "." | "" => 0,
                    _ => 1,
                };
                assert!(depth >= 0, "{url}");
            }
            let decoded = percent_encoding::percent_decode_str(&path).decode_utf8_lossy();
            path = decoded.into_owned();
        }
    });
}

#[test]
fn any_words_are_plain_and_stay_as_they_are_when_they_are_plain() {
    fuzz("words", |words| {
        let plain = plain_text(&String::from_utf8_lossy(words));
        assert_plain(&plain);
        assert_eq!(plain_text(&plain), plain);
    });
}
