//! Code samples: parts of programs that `cargo xtask interop` runs, between `sample: OPERATION` and `end sample`.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::workspace::Workspace;

/// The programs that are shown, with the language's name for the highlighter and for people.
const PROGRAMS: [(&str, &str, &str); 7] = [
    (
        "rust",
        "Rust",
        "crates/prancer-auth-client/examples/session.rs",
    ),
    (
        "python",
        "Python",
        "tests/interop/python/openapi_python_client.py",
    ),
    (
        "typescript",
        "TypeScript",
        "tests/interop/typescript/openapi_fetch.ts",
    ),
    ("go", "Go", "tests/interop/go/redocly/main.go"),
    ("java", "Java", "tests/interop/java/Redocly.java"),
    ("php", "PHP", "tests/interop/php/redocly.php"),
    ("bash", "curl", "tests/interop/curl/session.sh"),
];

/// Gives every operation of the document its samples, one in each language.
pub(super) fn add(workspace: &Workspace, document: &mut Value) -> Result<()> {
    let mut programs = Vec::new();
    for (language, label, path) in PROGRAMS {
        let program = fs::read_to_string(workspace.join(path));
        let program = program.with_context(|| format!("cannot read {path}"))?;
        programs.push((language, label, path, program));
    }
    let paths = document["paths"].as_object_mut();
    for operation in paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|methods| methods.values_mut())
    {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let samples = programs.iter().map(|(language, label, path, program)| {
            let source = sample(program, id);
            ensure!(
                !source.is_empty(),
                "{path} has no sample of `{id}`; put it between `sample: {id}` and `end sample`"
            );
            Ok(json!({ "lang": language, "label": label, "source": source }))
        });
        operation["x-codeSamples"] = Value::Array(samples.collect::<Result<_>>()?);
    }
    Ok(())
}

/// The languages, as the page wants to be told of them.
pub(super) fn languages() -> Vec<Value> {
    let language = |(lang, label, _)| json!({ "lang": lang, "label": label });
    PROGRAMS.map(language).to_vec()
}

/// The languages' names for people, with commas between them.
pub(crate) fn labels() -> String {
    PROGRAMS.map(|(_, label, _)| label).join(",")
}

/// The lines between the marks, without their common indentation.
fn sample(program: &str, operation: &str) -> String {
    let start = format!("sample: {operation}");
    let lines: Vec<_> = program
        .lines()
        .skip_while(|line| !line.trim_end().ends_with(&start))
        .skip(1)
        .take_while(|line| !line.trim_end().ends_with("end sample"))
        .collect();
    let indentation = |line: &&str| line.len() - line.trim_start().len();
    let written = lines.iter().filter(|line| !line.trim().is_empty());
    let common = written.map(indentation).min().unwrap_or_default();
    let lines = lines
        .iter()
        .map(|line| line.get(common..).unwrap_or_default());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_what_lies_between_its_marks() {
        let program = "a\n  // sample: login\n  b\n\n    c\n  // end sample\nd\n// sample: logout\ne\n// end sample\n";
        assert_eq!(sample(program, "login"), "b\n\n  c");
        assert_eq!(sample(program, "logout"), "e");
        assert_eq!(sample(program, "refresh"), "");
    }
}
