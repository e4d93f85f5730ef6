//! Operations: an id that can be a method's name, one type of success and one type of error.

use std::collections::{BTreeMap, HashMap};

use heck::ToSnakeCase;
use serde_json::Value;

use crate::document::{Document, member};
use crate::finding::Finding;

/// Names that the generated client has already.
const RESERVED: [&str; 9] = [
    "api_version",
    "baseurl",
    "client",
    "exec",
    "inner",
    "new",
    "new_with_client",
    "post",
    "pre",
];
pub(super) fn check(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashMap::new();
    let Some(paths) = document.value()["paths"].as_object() else {
        return findings;
    };
    for (path, item) in paths {
        let item_pointer = member("/paths", path);
        for method in super::METHODS {
            let Some(operation) = item.get(method) else {
                continue;
            };
            let place = Place {
                document,
                pointer: member(&item_pointer, method),
                name: format!("{} {path}", method.to_uppercase()),
            };
            place.id(operation, &mut seen, &mut findings);
            place.types(operation, &mut findings);
        }
    }
    findings
}

struct Place<'a> {
    document: &'a Document,
    pointer: String,
    name: String,
}

impl Place<'_> {
    fn id(
        &self,
        operation: &Value,
        seen: &mut HashMap<String, String>,
        findings: &mut Vec<Finding>,
    ) {
        let name = &self.name;
        let Some(id) = operation["operationId"]
            .as_str()
            .filter(|id| !id.is_empty())
        else {
            findings.push(self.document.finding(
                &self.pointer,
                format!("operation {name} has no operationId"),
                "give it one: it is the name of the method",
            ));
            return;
        };
        let pointer = member(&self.pointer, "operationId");
        let method = id.to_snake_case();
        if RESERVED.contains(&method.as_str()) {
            findings.push(self.document.finding(
                &pointer,
                format!("operationId `{id}` of {name} is reserved: the generated client has a `{method}` of its own"),
                "choose another one",
            ));
        }
        if let Some(other) = seen.insert(method, name.clone()) {
            findings.push(self.document.finding(
                &pointer,
                format!("operationId `{id}` of {name} is also that of {other}"),
                "choose another one",
            ));
        }
    }

    fn types(&self, operation: &Value, findings: &mut Vec<Finding>) {
        let Some(responses) = operation["responses"].as_object() else {
            return;
        };
        let mut successes = BTreeMap::<String, Vec<&str>>::new();
        let mut errors = BTreeMap::<String, Vec<&str>>::new();
        for (code, response) in responses {
            let body = self.body(response);
            if code.starts_with('2') || code == "default" {
                successes.entry(body.clone()).or_default().push(code);
            }
            if code.starts_with(['4', '5']) || code == "default" {
                errors.entry(body).or_default().push(code);
            }
        }
        for (kind, types) in [("success", successes), ("error", errors)] {
            if types.len() > 1 {
                let list: Vec<_> = types
                    .iter()
                    .map(|(body, codes)| format!("{body} ({})", codes.join(", ")))
                    .collect();
                findings.push(self.document.finding(
                    member(&self.pointer, "responses"),
                    format!(
                        "operation {} has {} {kind} types, {}; the generator takes one",
                        self.name,
                        list.len(),
                        list.join(" and ")
                    ),
                    format!("give every {kind} the same `$ref`"),
                ));
            }
        }
    }

    /// What a response carries, in words that are equal only for equal types.
    fn body(&self, response: &Value) -> String {
        let target = response["$ref"]
            .as_str()
            .and_then(|it| it.strip_prefix('#'));
        let response = target
            .and_then(|pointer| self.document.value().pointer(pointer))
            .unwrap_or(response);
        let content = response["content"].as_object();
        let bodies: Vec<_> = content
            .into_iter()
            .flatten()
            .map(|(media, body)| match body["schema"]["$ref"].as_str() {
                Some(reference) => {
                    let name = reference.rsplit('/').next().unwrap_or(reference);
                    format!("`{name}`")
                }
                None => format!("{media} {}", body["schema"]),
            })
            .collect();
        if bodies.is_empty() {
            "no body".to_owned()
        } else {
            bodies.join(" or ")
        }
    }
}
