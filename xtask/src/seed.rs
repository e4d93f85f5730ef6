//! Seeds: small structural edits (JSON Patch) of a document, and what a check must say of each.

use json_patch::Patch;
use serde::Deserialize;
use serde_json::Value;

use crate::document::Document;

/// An edit, and what must be said of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seed {
    pub(crate) name: String,
    pub(crate) says: String,
    /// What the document has before.
    before: Option<Patch>,
    patch: Patch,
}

/// The seeds of a file.
pub(crate) fn read(json: &str) -> Vec<Seed> {
    let seeds: Vec<Seed> = serde_json::from_str(json).unwrap();
    for seed in &seeds {
        assert!(!seed.says.is_empty(), "{} expects nothing", seed.name);
    }
    seeds
}

/// The document that is edited: one of its own, which no change of the real one breaks.
pub(crate) const DOCUMENT: &str = include_str!("seed.yaml");

pub(crate) fn document() -> Value {
    let document = Document::parse(DOCUMENT).unwrap();
    document.value().clone()
}

impl Seed {
    /// The document before this edit.
    pub(crate) fn before(&self) -> Value {
        self.prepare(&document())
    }

    /// A document with what it has to have before this edit.
    pub(crate) fn prepare(&self, document: &Value) -> Value {
        let mut before = document.clone();
        if let Some(patch) = &self.before {
            json_patch::patch(&mut before, patch).unwrap();
        }
        before
    }

    /// The document with this edit, which must change it.
    pub(crate) fn apply(&self, document: &Value) -> Value {
        let mut edited = document.clone();
        if let Err(error) = json_patch::patch(&mut edited, &self.patch) {
            panic!("{}: {error}", self.name);
        }
        assert_ne!(
            edited.to_string(),
            document.to_string(),
            "{} changes nothing",
            self.name
        );
        edited
    }
}
