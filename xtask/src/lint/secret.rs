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
    for (pointer, part) in document.parts() {
        let properties = part.get("properties").and_then(Value::as_object);
        for (name, schema) in properties.into_iter().flatten() {
            let pointer = member(&member(&pointer, "properties"), name);
            if looks_secret(name) && !is_secret(schema) {
                findings.push(finding(document, pointer, &format!("property `{name}`")));
            }
        }
        if let (Some(name), Some(schema)) = (part["name"].as_str(), part.get("schema"))
            && part.get("in").is_some()
            && looks_secret(name)
            && !is_secret(schema)
        {
            let what = format!("parameter `{name}`");
            findings.push(finding(document, pointer.clone(), &what));
        }
        if part["format"] == "password" {
            let what = "what has `format: password`";
            findings.push(finding(document, member(&pointer, "format"), what));
        }
    }
    examples(document, document.value(), "", false, &mut findings);
    findings
}

/// The made-up password of the emulator's user, which an example may show.
const MADE_UP: &str = "correct horse battery staple";

/// What looks like a secret is a placeholder in every example: a real one would be published.
fn examples(
    document: &Document,
    part: &Value,
    pointer: &str,
    inside: bool,
    findings: &mut Vec<Finding>,
) {
    for (name, value) in part.as_object().into_iter().flatten() {
        let pointer = member(pointer, name);
        let text = value.as_str().unwrap_or(MADE_UP);
        let placeholder = text.starts_with('<') && text.ends_with('>');
        if inside && looks_secret(name) && !placeholder && text != MADE_UP {
            findings.push(document.finding(
                pointer.clone(),
                format!(
                    "`{name}` of an example is no placeholder: a real secret would be published"
                ),
                "write `<...>`, or the made-up password of the emulator's user",
            ));
        }
        let inside = inside || name == "example" || name == "examples";
        examples(document, value, &pointer, inside, findings);
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
