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
    walk(document, document.value(), "", &mut findings);
    findings
}

fn walk(document: &Document, value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(members) => {
            let is_schema = pointer.ends_with("/schema")
                || pointer.contains("/schemas/") && !pointer.ends_with("/properties");
            for (key, value) in members {
                let here = member(pointer, key);
                let refusing = REFUSING.iter().find(|(name, _)| is_schema && name == key);
                if let Some((_, why)) = refusing {
                    let problem = format!("`{key}` in a schema");
                    findings.push(document.finding(&here, problem, *why));
                }
                if is_schema && key == "additionalProperties" && *value == Value::Bool(false) {
                    let problem = "`additionalProperties: false` in a schema";
                    let remedy = "take it away: the portal may add members";
                    findings.push(document.finding(&here, problem, remedy));
                }
                if is_schema && key == "type" && value == "array" && !members.contains_key("items")
                {
                    let problem = "a list without `items`";
                    findings.push(document.finding(pointer, problem, "say what it is a list of"));
                }
                if pointer.ends_with("/responses") && key == "default" {
                    let problem = "an answer for every other code";
                    let remedy = "describe documented codes only";
                    findings.push(document.finding(&here, problem, remedy));
                }
                if key != "example" && key != "examples" {
                    walk(document, value, &here, findings);
                }
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                walk(document, value, &format!("{pointer}/{i}"), findings);
            }
        }
        _ => {}
    }
}
