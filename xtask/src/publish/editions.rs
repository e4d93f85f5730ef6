//! The editions of a version: what is committed, and never changes again.

use std::fs;
use std::path::Path;

use anyhow::{Result, ensure};
use serde_json::{Map, Value, json};
use xshell::Shell;

use crate::checksums;
use crate::document::Document;
use crate::tools::{self, Tools};
use crate::workspace::DOCUMENT;

/// The files that Redocly bundles, and how.
const BUNDLES: [(&str, &[&str]); 6] = [
    ("prancer-auth.yaml", &[]),
    ("prancer-auth.json", &[]),
    ("prancer-auth.dereferenced.yaml", &["--dereferenced"]),
    ("prancer-auth.dereferenced.json", &["--dereferenced"]),
    (
        "prancer-auth.3.1.yaml",
        &["--overlay", "openapi/3.1.overlay.yaml"],
    ),
    (
        "prancer-auth.3.1.json",
        &["--overlay", "openapi/3.1.overlay.yaml"],
    ),
];

/// Makes all editions of the document in an empty folder.
pub(super) fn make(shell: &Shell, tools: &Tools, document: &Document, folder: &Path) -> Result<()> {
    for (name, how) in BUNDLES {
        let bundle = tools.redocly(shell)?.args(["bundle", DOCUMENT]);
        let file = folder.join(name);
        tools::quiet(bundle.args(how).arg("--output").arg(file))?;
    }
    let files = BUNDLES.map(|(name, _)| folder.join(name));
    let lint = tools.redocly(shell)?.args(["lint", "--extends", "minimal"]);
    tools::quiet(lint.args(files))?;
    let schema = serde_json::to_string_pretty(&json_schema(document.value())?)? + "\n";
    fs::write(folder.join("prancer-auth.schema.json"), schema)?;
    fs::write(folder.join(checksums::NAME), checksums::of(folder)?)?;
    Ok(())
}

/// The schemas as JSON Schema, each a definition.
fn json_schema(document: &Value) -> Result<Value> {
    let text = document["components"]["schemas"].to_string();
    ensure!(
        !text.contains("\"nullable\""),
        "`nullable` is not JSON Schema, and the 3.1 edition would drop it; teach xtask/src/publish/editions.rs to translate it"
    );
    let definitions: Map<String, Value> =
        serde_json::from_str(&text.replace("#/components/schemas/", "#/$defs/"))?;
    let info = &document["info"];
    Ok(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("urn:prancer-auth:{}", info["version"].as_str().unwrap_or_default()),
        "title": info["title"],
        "description": info["description"],
        "$defs": definitions,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed;

    #[test]
    fn references_point_to_definitions() {
        let schema = json_schema(&seed::document()).unwrap();
        assert_eq!(
            schema["$defs"]["TokenEnvelope"]["properties"]["data"]["$ref"],
            "#/$defs/TokenPair"
        );
        assert!(!schema.to_string().contains("components"));
    }

    #[test]
    fn what_cannot_be_translated_is_an_error() {
        let mut document = seed::document();
        document["components"]["schemas"]["Password"]["nullable"] = true.into();
        let error = json_schema(&document).unwrap_err().to_string();
        assert!(error.contains("nullable"), "{error}");
    }
}
