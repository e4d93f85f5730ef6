//! The checks before generation: what the reader would drop, and what the generator would panic on, without saying where.

mod dropped;
mod names;
mod operation;
mod secret;

use crate::document::Document;
use crate::finding::Finding;

/// The members of a path that are operations.
const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// Everything that is wrong with the document, in the order of its lines.
pub(crate) fn lint(text: &str) -> Vec<Finding> {
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(finding) => return vec![finding],
    };
    let rules = [
        dropped::check,
        names::check,
        operation::check,
        secret::check,
    ];
    let mut findings: Vec<_> = rules.iter().flat_map(|rule| rule(&document)).collect();
    findings.sort();
    findings
}

#[cfg(test)]
mod tests;
