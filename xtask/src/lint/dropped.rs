//! What the reader of OpenAPI would drop: keys that it does not know, paths without a leading `/`.

use openapiv3::OpenAPI;
use serde_json::Value;

use crate::document::{Document, member};
use crate::finding::Finding;

/// Reads the document, writes it again, and reports what went missing on the way.
pub(super) fn check(document: &Document) -> Vec<Finding> {
    let read = serde_json::from_value::<OpenAPI>(document.value().clone());
    let written = read.and_then(|api| serde_json::to_value(&api));
    match written {
        Ok(written) => {
            let mut findings = Vec::new();
            compare(document, document.value(), &written, "", &mut findings);
            findings
        }
        Err(error) => vec![document.finding(
            "",
            format!("not readable as OpenAPI 3.0: {error}"),
            "compare the document with the OpenAPI 3.0.3 specification",
        )],
    }
}

fn compare(
    document: &Document,
    before: &Value,
    after: &Value,
    pointer: &str,
    findings: &mut Vec<Finding>,
) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                let pointer = member(pointer, key);
                match after.get(key) {
                    Some(after) => compare(document, value, after, &pointer, findings),
                    None if is_default(key, value) => {}
                    None => findings.push(dropped(document, key, pointer)),
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for (i, value) in before.iter().enumerate() {
                let pointer = format!("{pointer}/{i}");
                match after.get(i) {
                    Some(after) => compare(document, value, after, &pointer, findings),
                    None => findings.push(dropped(document, &i.to_string(), pointer)),
                }
            }
        }
        _ => {}
    }
}

fn dropped(document: &Document, key: &str, pointer: String) -> Finding {
    let in_paths = pointer.starts_with("/paths/") && pointer.matches('/').count() == 2;
    if in_paths && !key.starts_with('/') {
        let problem = format!("path `{key}` has no leading `/`, so it would be dropped");
        document.finding(pointer, problem, format!("write `/{key}`"))
    } else {
        let problem = format!("unknown key `{key}`, so it would be dropped");
        let remedy = "mend its spelling, or take it away; an extension starts with `x-`";
        document.finding(pointer, problem, remedy)
    }
}

/// Whether the reader leaves this member out because it says what holds without it.
fn is_default(key: &str, value: &Value) -> bool {
    const FALSE_BY_DEFAULT: [&str; 11] = [
        "allowEmptyValue",
        "allowReserved",
        "deprecated",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "explode",
        "nullable",
        "readOnly",
        "required",
        "uniqueItems",
        "writeOnly",
    ];
    let empty = match value {
        Value::Bool(value) => return !value && FALSE_BY_DEFAULT.contains(&key),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    const EMPTY_BY_DEFAULT: [&str; 7] = [
        "enum",
        "parameters",
        "properties",
        "required",
        "servers",
        "tags",
        "variables",
    ];
    empty && EMPTY_BY_DEFAULT.contains(&key)
}
