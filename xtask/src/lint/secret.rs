//! Secrets: a property that looks like one is one of the secret schemas, so that no generated type prints it.

use heck::ToSnakeCase;
use serde_json::Value;

use crate::document::{Document, member};
use crate::finding::Finding;
use crate::generator::REPLACEMENTS;

/// The last words of a name that make it look like a secret.
const SECRET_WORDS: [&str; 6] = ["key", "passphrase", "passwd", "password", "secret", "token"];

pub(super) fn check(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    walk(document, document.value(), "", &mut findings);
    findings
}

fn walk(document: &Document, value: &Value, pointer: &str, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                let pointer = member(pointer, "properties");
                for (name, schema) in properties {
                    property(document, name, schema, member(&pointer, name), findings);
                }
            }
            for (key, value) in members {
                // Examples are data: a property there is no schema.
                if key != "example" && key != "examples" {
                    walk(document, value, &member(pointer, key), findings);
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

fn property(
    document: &Document,
    name: &str,
    schema: &Value,
    pointer: String,
    findings: &mut Vec<Finding>,
) {
    let snake = name.to_snake_case();
    let last_word = snake.rsplit('_').next().unwrap_or_default();
    let looks_secret = SECRET_WORDS.contains(&last_word) || schema["format"] == "password";
    let reference = schema["$ref"].as_str().unwrap_or_default();
    let is_secret = REPLACEMENTS
        .iter()
        .any(|(secret, _)| reference == format!("#/components/schemas/{secret}"));
    if looks_secret && !is_secret {
        let secrets = REPLACEMENTS.map(|(secret, _)| format!("`{secret}`"));
        findings.push(document.finding(
            pointer,
            format!("property `{name}` looks like a secret, but its type would print it"),
            format!("make it a `$ref` to one of {}", secrets.join(", ")),
        ));
    }
}
