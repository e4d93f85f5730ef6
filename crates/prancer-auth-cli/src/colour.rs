//! JSON in colours: names bold, texts green, the rest as it is.

use serde_json::{Deserializer, Value};

const NAME: &str = "\x1b[1m";
const TEXT: &str = "\x1b[32m";
const PLAIN: &str = "\x1b[0m";

/// A value on many lines, in the colours of a terminal.
pub(crate) fn json(value: &Value) -> serde_json::Result<String> {
    let plain = serde_json::to_string_pretty(value)?;
    Ok(plain.split_inclusive('\n').map(line).collect())
}

/// A line, which has one member of an object, one item of a list, or a bracket.
fn line(line: &str) -> String {
    let (indent, rest) = line.split_at(line.len() - line.trim_start_matches(' ').len());
    let (name, value) = text(rest);
    match value.strip_prefix(": ") {
        Some(value) => format!("{indent}{NAME}{name}{PLAIN}: {}", item(value)),
        None => format!("{indent}{}", item(rest)),
    }
}

fn item(json: &str) -> String {
    match text(json) {
        ("", rest) => rest.to_owned(),
        (text, rest) => format!("{TEXT}{text}{PLAIN}{rest}"),
    }
}

/// The text that this begins with, in its quotes, and what comes behind it.
fn text(json: &str) -> (&str, &str) {
    let mut texts = Deserializer::from_str(json).into_iter::<String>();
    let is_text = texts.next().is_some_and(|text| text.is_ok());
    json.split_at(if is_text { texts.byte_offset() } else { 0 })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn without_its_colours_it_is_the_same() {
        let value = json!({ "a": ["b\n\u{1b}", 1, null, { "c": true }], "d": {}, "e": [] });
        let mut coloured = json(&value).unwrap();
        assert!(
            coloured.contains("\u{1b}[1m\"a\"\u{1b}[0m: ["),
            "{coloured}"
        );
        for colour in [NAME, TEXT, PLAIN] {
            coloured = coloured.replace(colour, "");
        }
        assert_eq!(coloured, serde_json::to_string_pretty(&value).unwrap());
    }
}
