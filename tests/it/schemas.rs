//! The JSON Schemas of the Rust types are those of the document.

use prancer_auth_client::{AccessToken, Password, RefreshToken, types};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

fn document() -> Value {
    serde_saphyr::from_str(include_str!("../../openapi/prancer-auth.yaml")).unwrap()
}

fn rust<T: JsonSchema>() -> (String, Schema) {
    let settings = SchemaSettings::openapi3().with(|settings| settings.meta_schema = None);
    (
        T::schema_name().into_owned(),
        settings.into_generator().into_root_schema_for::<T>(),
    )
}

/// A schema without what says the same in other words: titles, `components` of its own, the order of `required`.
fn plain(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let mut plain_members = Map::new();
            for (key, value) in members {
                let value = match key.as_str() {
                    "title" | "components" => continue,
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

#[test]
fn the_schemas_of_the_rust_types_are_those_of_the_document() {
    let document = document();
    let in_document = document["components"]["schemas"].as_object().unwrap();
    let in_rust = [
        rust::<AccessToken>(),
        rust::<Password>(),
        rust::<RefreshToken>(),
        rust::<types::Credentials>(),
        rust::<types::EmptyData>(),
        rust::<types::EmptyEnvelope>(),
        rust::<types::ErrorEnvelope>(),
        rust::<types::Metadata>(),
        rust::<types::TokenEnvelope>(),
        rust::<types::TokenPair>(),
    ];
    assert_eq!(
        in_rust.len(),
        in_document.len(),
        "a schema has no Rust type here"
    );
    for (name, schema) in in_rust {
        let mut rust = plain(schema.as_value());
        let mut document = plain(&in_document[&name]);
        if ["AccessToken", "Password", "RefreshToken"].contains(&name.as_str()) {
            // Hand-written, and described for readers of Rust.
            rust.as_object_mut().unwrap().remove("description");
            document.as_object_mut().unwrap().remove("description");
        }
        assert_eq!(rust, document, "{name}");
    }
}

#[test]
fn the_documented_examples_are_read_by_the_rust_types_and_written_again_as_they_were() {
    let document = document();
    let example = |pointer: &str| {
        let pointer = format!("{pointer}/content/application~1json/examples/documented/value");
        document
            .pointer(&pointer)
            .unwrap_or_else(|| panic!("no {pointer}"))
            .clone()
    };
    let login = "/paths/~1api~1login~1/post";
    let refresh = "/paths/~1api~1refresh~1token~1/get";
    let logout = "/paths/~1api~1logout~1/post";
    macro_rules! assert_round_trip {
        ($type:ty, $pointer:expr) => {
            let example = example(&$pointer);
            let read: $type = serde_json::from_value(example.clone()).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), example);
        };
    }
    assert_round_trip!(types::Credentials, format!("{login}/requestBody"));
    assert_round_trip!(types::TokenEnvelope, format!("{login}/responses/200"));
    assert_round_trip!(types::ErrorEnvelope, format!("{login}/responses/400"));
    assert_round_trip!(types::TokenEnvelope, format!("{refresh}/responses/200"));
    assert_round_trip!(types::ErrorEnvelope, format!("{refresh}/responses/401"));
    assert_round_trip!(types::EmptyEnvelope, format!("{logout}/responses/200"));
    assert_round_trip!(types::ErrorEnvelope, format!("{logout}/responses/401"));
}
