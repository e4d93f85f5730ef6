//! Names that the generated code relies on: the version, the schemas that the client crate replaces, and what references name.

use crate::document::{Document, member};
use crate::finding::Finding;
use crate::generator::REPLACEMENTS;

pub(super) fn check(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let version = document.value().pointer("/info/version");
    if let Some(version) = version.and_then(|version| version.as_str())
        && !version.bytes().all(|byte| byte.is_ascii_graphic())
    {
        findings.push(document.finding(
            "/info/version",
            format!("version `{version}` is not plain ASCII; the client would panic at every call"),
            "write it as MAJOR.MINOR.PATCH",
        ));
    }
    let openapi = document.value()["openapi"].as_str().unwrap_or_default();
    if !openapi.starts_with("3.0.") {
        findings.push(document.finding(
            "/openapi",
            format!("OpenAPI `{openapi}`, which the Rust generator does not read"),
            "write 3.0.3; a later edition is published from it",
        ));
    }
    for (schema, replacement) in REPLACEMENTS {
        let pointer = format!("/components/schemas/{schema}");
        if document.value().pointer(&pointer).is_none() {
            findings.push(document.finding(
                pointer,
                format!("schema `{schema}`, which the client replaces by `{replacement}`, does not exist"),
                "name it in components/schemas, or take it out of REPLACEMENTS in xtask/src/generator.rs",
            ));
        }
    }
    for (pointer, part) in document.parts() {
        let Some(reference) = part["$ref"].as_str() else {
            continue;
        };
        let target = reference.strip_prefix('#');
        if target.is_none_or(|it| document.value().pointer(it).is_none()) {
            findings.push(document.finding(
                member(&pointer, "$ref"),
                format!("`{reference}` does not exist"),
                "mend the name, or define it in components",
            ));
        }
    }
    findings
}
