//! What generated clients feel of a change, although what goes over the wire is the same.

use serde_json::{Map, Value, json};

use super::change::{Change, Impact};
use crate::document::member;

/// The breaking changes that only programs on generated clients notice.
pub(super) fn check(old: &Value, new: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    walk(old, new, "", &mut changes);
    let servers = |document: &Value| {
        let servers = document["servers"].as_array().cloned().unwrap_or_default();
        servers.into_iter().map(plain).collect::<Vec<_>>()
    };
    if !servers(new).starts_with(&servers(old)) {
        let sentence = "The servers changed, of which generated clients take the first, and variables by their values.";
        changes.push(breaking("/servers", sentence.to_owned()));
    }
    changes
}

fn breaking(pointer: &str, sentence: String) -> Change {
    Change {
        impact: Impact::Breaking,
        pointer: pointer.to_owned(),
        sentence,
    }
}

/// A server without its words.
fn plain(server: Value) -> Value {
    let mut variables = server["variables"].clone();
    for (_, variable) in variables.as_object_mut().into_iter().flatten() {
        variable["description"] = Value::Null;
    }
    json!([server["url"], variables])
}

/// Looks at all that is in both documents. Examples are data.
fn walk(old: &Value, new: &Value, pointer: &str, changes: &mut Vec<Change>) {
    let name = || pointer.rsplit('/').next().unwrap_or_default();
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let referred = |it: &Map<_, _>| it.get("$ref").cloned();
            let (was, is) = (referred(old), referred(new));
            if was != is {
                let told = |it: Option<Value>| it.map_or("its own".to_owned(), type_name);
                let sentence = format!(
                    "The type of `{}` was {} and is {}, in generated clients at least.",
                    name(),
                    told(was),
                    told(is)
                );
                changes.push(breaking(pointer, sentence));
            }
            for key in ["readOnly", "writeOnly"] {
                let says = |it: &Map<String, Value>| it.get(key) == Some(&Value::Bool(true));
                if says(old) != says(new) {
                    let sentence = format!(
                        "`{key}` of `{}` changed: generated types lose or gain the member.",
                        name()
                    );
                    changes.push(breaking(&member(pointer, key), sentence));
                }
            }
            for (key, old) in old {
                let pointer = member(pointer, key);
                match new.get(key) {
                    Some(new) if key == "properties" => {
                        order(old, new, &pointer, changes);
                        walk(old, new, &pointer, changes);
                    }
                    Some(new) if key != "example" && key != "examples" => {
                        walk(old, new, &pointer, changes);
                    }
                    _ => {}
                }
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for (i, (old, new)) in old.iter().zip(new).enumerate() {
                walk(old, new, &format!("{pointer}/{i}"), changes);
            }
        }
        _ => {}
    }
}

/// Members stay in their order, and new ones come last: Go and PHP take values by their place.
fn order(old: &Value, new: &Value, pointer: &str, changes: &mut Vec<Change>) {
    let names = |it: &Value| {
        let names = it.as_object().into_iter().flatten();
        names.map(|(name, _)| name.clone()).collect::<Vec<_>>()
    };
    let (mut old, new) = (names(old), names(new));
    old.retain(|it| new.contains(it));
    if !new.starts_with(&old) {
        let owner = pointer.rsplit('/').nth(1).unwrap_or_default();
        let sentence = format!(
            "The members of `{owner}` have another order: programs that give values by their place would mix them up. \
            Put what is new last."
        );
        changes.push(breaking(pointer, sentence));
    }
}

fn type_name(reference: Value) -> String {
    let reference = reference.as_str().unwrap_or_default();
    format!("`{}`", reference.rsplit('/').next().unwrap_or(reference))
}
