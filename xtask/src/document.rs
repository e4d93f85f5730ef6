//! The OpenAPI document: its value, and the line of every part of it.

use std::collections::HashMap;
use std::fs;

use anyhow::{Context as _, Result, anyhow};
use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::{Map, Number, Value};

use crate::finding::Finding;
use crate::workspace::{DOCUMENT, Workspace};

/// A document that was read, whether or not it is a good one.
pub(crate) struct Document {
    value: Value,
    lines: HashMap<String, usize>,
}

impl Document {
    /// The document of a workspace.
    pub(crate) fn read(workspace: &Workspace) -> Result<Self> {
        let text = fs::read_to_string(workspace.join(DOCUMENT))
            .with_context(|| format!("cannot read {DOCUMENT}"))?;
        Self::parse(&text).map_err(|finding| anyhow!("{finding}"))
    }

    /// Its `info.version`.
    pub(crate) fn version(&self) -> Result<&str> {
        let version = self.value["info"]["version"].as_str();
        version.with_context(|| format!("{DOCUMENT} has no info.version"))
    }

    /// Reads YAML, refusing what no reader could take: syntax errors, duplicate keys, keys that are no text.
    pub(crate) fn parse(text: &str) -> std::result::Result<Self, Finding> {
        let nodes = MarkedYaml::load_from_str(text).map_err(|error| Finding {
            line: error.marker().line(),
            pointer: String::new(),
            problem: format!("not readable as YAML: {}", error.info()),
            remedy: "mend the syntax".to_owned(),
        })?;
        let mut lines = HashMap::new();
        let value = match nodes.first() {
            Some(root) => read(root, "", &mut lines)?,
            None => Value::Null,
        };
        Ok(Self { value, lines })
    }

    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// The line of the part at a JSON pointer, or of the nearest part around it.
    pub(crate) fn line(&self, pointer: &str) -> usize {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return *line;
            }
            match pointer.rfind('/') {
                Some(end) => pointer = &pointer[..end],
                None => return 1,
            }
        }
    }

    /// Every part with its JSON pointer, outer ones first. Examples are data and no parts.
    pub(crate) fn parts(&self) -> Vec<(String, &Value)> {
        let mut parts = Vec::new();
        collect(&self.value, String::new(), &mut parts);
        parts
    }

    /// A finding about the part at `pointer`.
    pub(crate) fn finding(
        &self,
        pointer: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Finding {
        let pointer = pointer.into();
        Finding {
            line: self.line(&pointer),
            pointer,
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
}

/// The JSON pointer of member `key` of the part at `parent`.
pub(crate) fn member(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

fn collect<'a>(value: &'a Value, pointer: String, parts: &mut Vec<(String, &'a Value)>) {
    parts.push((pointer.clone(), value));
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                if key != "example" && key != "examples" {
                    collect(value, member(&pointer, key), parts);
                }
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter().enumerate() {
                collect(value, format!("{pointer}/{i}"), parts);
            }
        }
        _ => {}
    }
}

fn read(
    node: &MarkedYaml<'_>,
    pointer: &str,
    lines: &mut HashMap<String, usize>,
) -> std::result::Result<Value, Finding> {
    let line = node.span.start.line();
    lines.entry(pointer.to_owned()).or_insert(line);
    let refused = |problem: &str, remedy: &str| Finding {
        line,
        pointer: pointer.to_owned(),
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    };
    Ok(match &node.data {
        YamlData::Value(Scalar::Null) => Value::Null,
        YamlData::Value(Scalar::Boolean(value)) => Value::Bool(*value),
        YamlData::Value(Scalar::Integer(value)) => Value::from(*value),
        YamlData::Value(Scalar::FloatingPoint(value)) => Number::from_f64(value.into_inner())
            .map(Value::Number)
            .ok_or_else(|| refused("a number that JSON cannot hold", "write a finite number"))?,
        YamlData::Value(Scalar::String(value)) => Value::from(value.as_ref()),
        YamlData::Sequence(items) => {
            let items = items.iter().enumerate();
            let items = items.map(|(i, item)| read(item, &format!("{pointer}/{i}"), lines));
            Value::Array(items.collect::<std::result::Result<_, _>>()?)
        }
        YamlData::Mapping(members) => {
            let mut object = Map::new();
            for (key, value) in members {
                let key_line = key.span.start.line();
                let YamlData::Value(Scalar::String(key)) = &key.data else {
                    return Err(Finding {
                        line: key_line,
                        pointer: pointer.to_owned(),
                        problem: "a key that is not text".to_owned(),
                        remedy: "put the key in quotes".to_owned(),
                    });
                };
                let pointer = member(pointer, key);
                lines.insert(pointer.clone(), key_line);
                object.insert(key.to_string(), read(value, &pointer, lines)?);
            }
            Value::Object(object)
        }
        _ => {
            return Err(refused(
                "a tag, an anchor or an alias, which the generators of other languages do not read",
                "write the value out",
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_knows_its_line() {
        let document = Document::parse("a:\n  b/c: 1\nd:\n  - e\n  - f: g\n").unwrap();
        assert_eq!(document.line("/a"), 1);
        assert_eq!(document.line("/a/b~1c"), 2);
        assert_eq!(document.line("/d/1/f"), 5);
        assert_eq!(document.line("/d/1/f/nowhere"), 5);
        assert_eq!(document.value()["d"][1]["f"], "g");
    }

    #[test]
    fn a_duplicate_key_is_refused_with_its_line() {
        let finding = Document::parse("a: 1\nb: 2\na: 3\n").err().unwrap();
        assert_eq!(finding.line, 3);
        assert!(finding.problem.contains("duplicated key"), "{finding}");
    }

    #[test]
    fn a_key_that_is_a_number_is_refused_with_its_line() {
        let finding = Document::parse("responses:\n  200: {}\n").err().unwrap();
        assert_eq!((finding.line, finding.pointer.as_str()), (2, "/responses"));
    }
}
