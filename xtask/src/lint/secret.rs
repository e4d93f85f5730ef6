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
            for (name, schema) in members
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
            {
                let pointer = member(&member(pointer, "properties"), name);
                if looks_secret(name) && !is_secret(schema) {
                    findings.push(finding(document, pointer, &format!("property `{name}`")));
                }
            }
            if let (Some(name), Some(schema)) = (value["name"].as_str(), members.get("schema"))
                && members.contains_key("in")
                && looks_secret(name)
                && !is_secret(schema)
            {
                findings.push(finding(document, pointer, &format!("parameter `{name}`")));
            }
            if value["format"] == "password" {
                let what = "what has `format: password`";
                findings.push(finding(document, member(pointer, "format"), what));
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

fn looks_secret(name: &str) -> bool {
    let snake = name.to_snake_case();
    let last_word = snake.rsplit('_').next().unwrap_or_default();
    let singular = last_word.strip_suffix('s').unwrap_or(last_word);
    SECRET_WORDS.contains(&last_word) || SECRET_WORDS.contains(&singular)
}

/// Whether the schema is one of the secret ones, or a list of them.
fn is_secret(schema: &Value) -> bool {
    let schema = match &schema["items"] {
        Value::Null => schema,
        items => items,
    };
    let reference = schema["$ref"].as_str().unwrap_or_default();
    REPLACEMENTS
        .iter()
        .any(|(secret, _)| reference == format!("#/components/schemas/{secret}"))
}

fn finding(document: &Document, pointer: impl Into<String>, what: &str) -> Finding {
    let secrets = REPLACEMENTS.map(|(secret, _)| format!("`{secret}`"));
    document.finding(
        pointer,
        format!("{what} looks like a secret, but its type would print it"),
        format!("make it a `$ref` to one of {}", secrets.join(", ")),
    )
}
