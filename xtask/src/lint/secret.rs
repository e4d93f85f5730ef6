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
    examples(document, document.value(), "", ("", false), &mut findings);
    findings
}

/// The made-up password of the emulator's user, which an example may show.
const MADE_UP: &str = "correct horse battery staple";

/// What looks like a secret is a placeholder in every example: a real one would be published. `owner` is whose value this is: the name of
/// the member, of the parameter, or of the secret's own schema.
fn examples(
    document: &Document,
    part: &Value,
    pointer: &str,
    owner: (&str, bool),
    findings: &mut Vec<Finding>,
) {
    let (name, is_example) = owner;
    match part {
        Value::Object(members) => {
            let of_parameter = part["in"].is_string().then(|| part["name"].as_str());
            for (key, value) in members {
                let gives =
                    !is_example && ["default", "example", "examples"].contains(&key.as_str());
                let name = match of_parameter.flatten() {
                    Some(parameter) => parameter,
                    None if gives || key == "value" => name,
                    None => key,
                };
                let owner = (name, is_example || gives);
                examples(document, value, &member(pointer, key), owner, findings);
            }
        }
        Value::Array(items) => {
            for (i, item) in items.iter().enumerate() {
                examples(document, item, &format!("{pointer}/{i}"), owner, findings);
            }
        }
        Value::String(text) => {
            let placeholder = text.starts_with('<') && text.ends_with('>');
            let remedy = "write `<...>`, or the made-up password of the emulator's user";
            if is_example && looks_secret(name) && !placeholder && text != MADE_UP {
                findings.push(document.finding(
                    pointer,
                    format!(
                        "`{name}` of an example is no placeholder: a real secret would be published"
                    ),
                    remedy,
                ));
            } else if holds_token(text) {
                let problem = "what looks like a token, which would be published";
                findings.push(document.finding(pointer, problem, remedy));
            }
        }
        _ => {}
    }
}

/// Whether a JSON Web Token, or the beginning of one, is somewhere in a text.
fn holds_token(text: &str) -> bool {
    text.match_indices("eyJ").any(|(at, _)| {
        let rest = text[at..].bytes();
        let letters = rest.take_while(|it| it.is_ascii_alphanumeric() || b"-_.".contains(it));
        letters.count() >= 12
    })
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
