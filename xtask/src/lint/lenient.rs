//! Answers stay readable: nothing in a schema may make a client refuse an answer, or be more than the generators can take.

use serde_json::Value;

use crate::document::{Document, member};
use crate::finding::Finding;

/// Keys of a schema that some generator cannot take, or turns into a refusal.
const REFUSING: [(&str, &str); 7] = [
    (
        "allOf",
        "generators merge it differently; write the members out",
    ),
    ("anyOf", "the Rust generator makes nonsense of it"),
    (
        "enum",
        "a new value would make the answer unreadable; say the values in the description",
    ),
    ("maxLength", "a longer value would be refused"),
    (
        "minLength",
        "a shorter value would be refused, and a secret would lose its type",
    ),
    ("oneOf", "some generators do not compile with it"),
    (
        "pattern",
        "another value would be refused, and a secret would lose its type",
    ),
];

pub(super) fn check(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (pointer, part) in document.parts() {
        let is_schema = pointer.ends_with("/schema")
            || pointer.contains("/schemas/") && !pointer.ends_with("/properties");
        if is_schema {
            of_schema(document, &pointer, part, &mut findings);
        }
        if pointer.ends_with("/responses/default") {
            let problem = "an answer for every other code";
            let remedy = "describe documented codes only";
            findings.push(document.finding(pointer, problem, remedy));
        }
    }
    findings
}

fn of_schema(document: &Document, pointer: &str, schema: &Value, findings: &mut Vec<Finding>) {
    for (key, why) in REFUSING {
        if schema.get(key).is_some() {
            let problem = format!("`{key}` in a schema");
            findings.push(document.finding(member(pointer, key), problem, why));
        }
    }
    if schema["additionalProperties"] == Value::Bool(false) {
        findings.push(document.finding(
            member(pointer, "additionalProperties"),
            "`additionalProperties: false` in a schema",
            "take it away: the portal may add members",
        ));
    }
    if schema["type"] == "array" && schema.get("items").is_none() {
        let problem = "a list without `items`";
        findings.push(document.finding(pointer, problem, "say what it is a list of"));
    }
}
