//! What the reader of OpenAPI would drop: keys that it does not know, paths without a leading `/`.

use openapiv3::{OpenAPI, Operation, PathItem, ReferenceOr, Schema};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::document::{Document, member};
use crate::finding::Finding;

/// Reads the document, writes it again, and reports what went missing on the way.
pub(super) fn check(document: &Document) -> Vec<Finding> {
    let lists = document.parts().into_iter();
    let lists = lists.filter(|(_, it)| it["type"] == "array" && it.get("items").is_none());
    let remedy = "say what it is a list of";
    let lists =
        lists.map(|(pointer, _)| document.finding(pointer, "a list without `items`", remedy));
    lists.chain(missing(document)).collect()
}

fn missing(document: &Document) -> Vec<Finding> {
    match read::<OpenAPI>(document.value()) {
        Ok(_) => compare_as::<OpenAPI>(document, document.value(), ""),
        Err(error) => {
            let mut findings = parts(document);
            if findings
                .iter()
                .all(|it| !it.problem.starts_with(UNREADABLE))
            {
                findings.push(unreadable(document, "", &error));
            }
            findings
        }
    }
}

const UNREADABLE: &str = "not readable as OpenAPI 3.0";

/// The same for every operation, path and schema on its own: where the whole cannot be read, most of its parts can.
fn parts(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, item) in members(document.value(), "paths") {
        let pointer = member("/paths", path);
        let mut rest = item.as_object().cloned().unwrap_or_default();
        for method in super::METHODS {
            if let Some(operation) = rest.remove(method) {
                let pointer = member(&pointer, method);
                findings.extend(compare_as::<Operation>(document, &operation, &pointer));
            }
        }
        findings.extend(compare_as::<PathItem>(
            document,
            &Value::Object(rest),
            &pointer,
        ));
    }
    for (name, schema) in members(&document.value()["components"], "schemas") {
        let pointer = member("/components/schemas", name);
        findings.extend(compare_as::<ReferenceOr<Schema>>(
            document, schema, &pointer,
        ));
    }
    findings
}

fn members<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    let object: Option<&Map<_, _>> = value[key].as_object();
    object.into_iter().flatten()
}

/// What goes missing when a part is read as `T`, or that it cannot be read.
fn compare_as<T: DeserializeOwned + serde::Serialize>(
    document: &Document,
    part: &Value,
    pointer: &str,
) -> Vec<Finding> {
    let written = read::<T>(part).and_then(|it| serde_json::to_value(it));
    match written {
        Ok(written) => {
            let mut findings = Vec::new();
            compare(document, part, &written, pointer, &mut findings);
            findings
        }
        Err(error) => vec![unreadable(document, pointer, &error)],
    }
}

fn read<T: DeserializeOwned>(part: &Value) -> serde_json::Result<T> {
    T::deserialize(part)
}

fn unreadable(document: &Document, pointer: &str, error: &serde_json::Error) -> Finding {
    let remedy = "compare it with the OpenAPI 3.0.3 specification";
    document.finding(pointer, format!("{UNREADABLE}: {error}"), remedy)
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
