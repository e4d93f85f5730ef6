//! Code samples: parts of programs that `cargo xtask interop` runs, between `sample: OPERATION` and `end sample`.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::workspace::Workspace;

/// The programs that are shown, below the root of the workspace.
const PROGRAMS: &str = "openapi/reference/samples.json";

#[derive(Deserialize)]
struct Program {
    /// The language's name for the highlighter, and for people.
    lang: String,
    label: String,
    /// Below the root of the workspace.
    program: String,
}

/// Gives every operation of the document its samples, one in each language, and says the languages as the page wants to be told.
pub(super) fn add(workspace: &Workspace, document: &mut Value) -> Result<Vec<Value>> {
    let read = |path: &str| {
        fs::read_to_string(workspace.join(path)).with_context(|| format!("cannot read {path}"))
    };
    let programs: Vec<Program> = serde_json::from_str(&read(PROGRAMS)?)?;
    let texts = programs.iter().map(|it| read(&it.program));
    let texts: Vec<_> = texts.collect::<Result<_>>()?;
    let paths = document["paths"].as_object_mut();
    for operation in paths
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|methods| methods.values_mut())
    {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let samples = programs.iter().zip(&texts).map(|(program, text)| {
            let source = sample(text, id);
            let Program {
                lang,
                label,
                program,
            } = program;
            ensure!(
                !source.is_empty(),
                "{program} has no sample of `{id}`; put it between `sample: {id}` and `end sample`"
            );
            Ok(json!({ "lang": lang, "label": label, "source": source }))
        });
        operation["x-codeSamples"] = Value::Array(samples.collect::<Result<_>>()?);
    }
    let languages = programs.iter();
    Ok(languages
        .map(|it| json!({ "lang": it.lang, "label": it.label }))
        .collect())
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
