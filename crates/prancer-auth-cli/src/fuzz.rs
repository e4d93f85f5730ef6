//! Configuration files that nobody meant: every one is read, or an error on one line that shows no value of it.
//!
//! The seeds lie in `seeds/config`. What once failed is put there, too. `PROPTEST_CASES` says how many changes of them are tried.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config::Config;

/// What readers of TOML stumble over.
const ODD: [&str; 12] = [
    "[profiles.work]\n",
    "[[profiles]]\n",
    "profile = 1\n",
    "profile = [\"redis://:canary@h\"]\n",
    "store = redis://:canary@h\n",
    "store = { url = \"redis://:canary@h\" }\n",
    "profiles.work.store = 'canary\n",
    "store.canary = \"x",
    "]",
    "\"\"\"",
    "\u{202e}\u{feff}\0\u{1b}[31m",
    "= = = \\ #",
];

fn seeds() -> Vec<String> {
    // Tests run in the folder of their package.
    let files = fs::read_dir("seeds/config").unwrap();
    let seeds: Vec<_> = files
        .map(|it| fs::read_to_string(it.unwrap().path()).unwrap())
        .collect();
    assert!(!seeds.is_empty());
    seeds
}

/// The lines of all seeds, and odd ones, in any order.
fn lines() -> impl Strategy<Value = String> {
    let seeds = seeds();
    let lines: Vec<String> = seeds
        .iter()
        .flat_map(|it| it.split_inclusive('\n'))
        .chain(ODD)
        .map(str::to_owned)
        .collect();
    vec(select(lines), 0..12).prop_map(|it| it.concat())
}

/// A seed with a piece cut out and other bytes in its place, which may be no text any more.
fn changed() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        select(ODD.to_vec()).prop_map(|it| it.as_bytes().to_vec()),
        vec(any::<u8>(), 0..8)
    ];
    (select(seeds()), any::<(prop::sample::Index, u8)>(), piece).prop_map(
        |(seed, (at, length), piece)| {
            let mut bytes = seed.into_bytes();
            let at = at.index(bytes.len());
            let end = bytes.len().min(at + usize::from(length));
            bytes.splice(at..end, piece);
            bytes
        },
    )
}

/// What it says is read, or an error on one line. What can be read can be changed, and says what was meant then.
fn read(file: &Path, bytes: &[u8]) -> Option<String> {
    fs::write(file, bytes).unwrap();
    let config = match Config::read(file) {
        Ok(config) => config,
        Err(failure) => {
            let said = failure.message();
            assert!(!said.contains(char::is_control), "{said:?}");
            return Some(said);
        }
    };
    Config::choose(file, "chosen")
        .map_err(|it| it.message())
        .unwrap();
    let chosen = Config::read(file).map_err(|it| it.message()).unwrap();
    assert_eq!(chosen.profile.as_deref(), Some("chosen"));
    assert!(chosen.profiles == config.profiles);
    for profile in config.profiles.keys() {
        Config::remove(file, profile)
            .map_err(|it| it.message())
            .unwrap();
        let rest = Config::read(file).map_err(|it| it.message()).unwrap();
        assert!(!rest.profiles.contains_key(profile));
    }
    None
}

fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    (folder, file)
}

#[test]
fn any_bytes_are_a_configuration_that_can_be_changed_or_an_error_on_one_line() {
    let (_folder, file) = place();
    seeds()
        .iter()
        .for_each(|it| drop(read(&file, it.as_bytes())));
    proptest!(|(bytes in changed())| { read(&file, &bytes); });
}

#[test]
fn no_error_of_a_configuration_shows_a_value_of_it() {
    let (_folder, file) = place();
    let hides = |text: &str| {
        let said = read(&file, text.as_bytes()).unwrap_or_default();
        // A name is shown, which is no value.
        let said = said.replace("field `canary`", "");
        assert!(!said.contains("canary"), "{said}");
    };
    seeds().iter().for_each(|it| hides(it));
    proptest!(|(text in lines())| { hides(&text); });
}
