//! The JSON Schemas of the Rust types are those of the document.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

mod list;

/// What a Rust type makes of its schema, and of a value that it reads and writes again.
struct OfType {
    schema: Schema,
    again: fn(Value) -> Value,
}

fn of<T: JsonSchema + DeserializeOwned + Serialize>() -> OfType {
    let settings = SchemaSettings::openapi3().with(|settings| settings.meta_schema = None);
    OfType {
        schema: settings.into_generator().into_root_schema_for::<T>(),
        again: |value| serde_json::to_value(serde_json::from_value::<T>(value).unwrap()).unwrap(),
    }
}

fn document() -> Value {
    serde_saphyr::from_str(include_str!("../../openapi/prancer-auth.yaml")).unwrap()
}

/// A schema without what says the same in other words: titles, `components` of its own, the order of `required`. And without what is
/// for readers of the document alone.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut plain_members = Map::new();
            for (key, value) in members {
                let value = match key.as_str() {
                    "title" | "components" => continue,
                    "deprecated" | "example" | "externalDocs" => continue,
                    // What may be absent may be null in Rust, which the document never says.
                    "nullable" => continue,
                    "description" => one_line(value),
                    // Their names are the document's own.
                    "properties" => {
                        let all = value.as_object().unwrap().iter();
                        all.map(|(name, it)| (name.clone(), plain(it))).collect()
                    }
                    // A list that may be absent is empty then.
                    "default" if *value == json!([]) => continue,
                    "required" => {
                        let mut names: Vec<_> = value.as_array().unwrap().clone();
                        names.sort_by_key(Value::to_string);
                        Value::from(names)
                    }
                    // "Anything", in two spellings.
                    "items" | "additionalProperties" if *value == json!({}) => json!(true),
                    _ => plain(value),
                };
                plain_members.insert(key.clone(), value);
            }
            Value::Object(plain_members)
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        other => other.clone(),
    }
}

/// The words, wherever their lines end.
fn one_line(text: &Value) -> Value {
    let words: Vec<_> = text.as_str().unwrap().split_whitespace().collect();
    Value::from(words.join(" "))
}

#[test]
fn the_schemas_of_the_rust_types_are_those_of_the_document() {
    let document = document();
    let in_document = document["components"]["schemas"].as_object().unwrap();
    let in_rust = list::schemas();
    assert_eq!(in_rust.len(), in_document.len(), "run cargo xtask generate");
    for (name, of) in in_rust {
        let mut rust = plain(of.schema.as_value());
        let mut document = plain(&in_document[name]);
        if ["AccessToken", "Password", "RefreshToken"].contains(&name) {
            // Hand-written, and described for readers of Rust.
            rust.as_object_mut().unwrap().remove("description");
            document.as_object_mut().unwrap().remove("description");
        }
        assert_eq!(rust, document, "{name}");
    }
}

/// The examples of all bodies below a part, with the names of their schemas.
fn examples<'a>(part: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    if let (Some(schema), Some(all)) = (
        part["schema"]["$ref"].as_str(),
        part["examples"].as_object(),
    ) {
        let name = schema.rsplit('/').next().unwrap();
        found.extend(all.values().map(|it| (name, &it["value"])));
    }
    for part in part.as_object().into_iter().flat_map(|it| it.values()) {
        examples(part, found);
    }
}

/// A list that may be absent is empty then, and not written.
fn without_empty_lists(mut example: Value) -> Value {
    if let Some(members) = example.as_object_mut() {
        members.retain(|_, it| *it != json!([]));
        for member in members.values_mut() {
            *member = without_empty_lists(member.take());
        }
    }
    example
}

#[test]
fn the_examples_are_read_by_the_rust_types_and_written_again_as_they_were() {
    let document = document();
    let mut found = Vec::new();
    examples(&document["paths"], &mut found);
    assert!(found.len() >= 7);
    let types = list::schemas();
    for (schema, example) in found {
        let (_, of) = types.iter().find(|(name, _)| *name == schema).unwrap();
        let again = without_empty_lists((of.again)(example.clone()));
        assert_eq!(again, without_empty_lists(example.clone()), "{schema}");
    }
}
