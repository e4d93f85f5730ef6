//! JSON in colours: names bold, texts green, the rest as it is.

use std::io;

use serde_json::Value;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

const NAME: &[u8] = b"\x1b[1m";
const TEXT: &[u8] = b"\x1b[32m";
const PLAIN: &[u8] = b"\x1b[0m";

/// A value on many lines, in the colours of a terminal.
pub(crate) fn json(value: &Value) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    let formatter = Coloured {
        pretty: PrettyFormatter::new(),
        is_name: false,
    };
    serde::Serialize::serialize(
        value,
        &mut Serializer::with_formatter(&mut bytes, formatter),
    )?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

struct Coloured {
    pretty: PrettyFormatter<'static>,
    /// Whether the next text is the name of a member.
    is_name: bool,
}

impl Formatter for Coloured {
    fn begin_string<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(if self.is_name { NAME } else { TEXT })?;
        to.write_all(b"\"")
    }

    fn end_string<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        to.write_all(b"\"")?;
        to.write_all(PLAIN)
    }

    fn begin_object_key<W: io::Write + ?Sized>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.is_name = true;
        self.pretty.begin_object_key(to, first)
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.is_name = false;
        self.pretty.begin_object_value(to)
    }

    fn end_object_value<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.end_object_value(to)
    }

    fn begin_object<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.begin_object(to)
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.end_object(to)
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.begin_array(to)
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.end_array(to)
    }

    fn begin_array_value<W: io::Write + ?Sized>(
        &mut self,
        to: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.pretty.begin_array_value(to, first)
    }

    fn end_array_value<W: io::Write + ?Sized>(&mut self, to: &mut W) -> io::Result<()> {
        self.pretty.end_array_value(to)
    }
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
            coloured = coloured.replace(str::from_utf8(colour).unwrap(), "");
        }
        assert_eq!(coloured, serde_json::to_string_pretty(&value).unwrap());
    }
}
