//! Text of others for a terminal, which obeys nothing in it.

/// On one line: breaks and tabs are spaces, and what else would steer a terminal or turn the direction of writing is escaped.
pub(crate) fn one_line(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\r' | '\t' => plain.push(' '),
            other if steers(other) => plain.extend(other.escape_default()),
            other => plain.push(other),
        }
    }
    plain
}

/// The same for many lines.
pub(crate) fn lines(bytes: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split('\n').map(|it| it.replace('\t', "    "));
    let lines: Vec<_> = lines
        .map(|it| one_line(it.trim_end_matches('\r')))
        .collect();
    lines.join("\n").into_bytes()
}

/// JSON that means the same; its line breaks and its colours stay.
pub(crate) fn json(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        // Within a text, JSON has escaped these two already.
        if steers(character) && !['\n', '\u{1b}'].contains(&character) {
            plain += &format!("\\u{:04x}", u32::from(character));
        } else {
            plain.push(character);
        }
    }
    plain
}

/// As the library has it for what it says itself.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "a\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\u{200b}z";

    #[test]
    fn nothing_that_steers_is_left_and_all_else_is() {
        let escaped = r"a\u{1b}[2J\u{7f}\u{9b}31m\u{202e}\u{200b}z";
        assert_eq!(one_line(HOSTILE), escaped);
        assert_eq!(one_line("a\r\n\tb"), "a   b");
        let text = format!("{HOSTILE}\r\n\tb");
        assert_eq!(
            lines(text.as_bytes()),
            format!("{escaped}\n    b").as_bytes()
        );
        let plain = "Zürich, 端末 and \\n";
        assert_eq!(one_line(plain), plain);
    }

    #[test]
    fn json_means_the_same() {
        let value = serde_json::json!({ HOSTILE: [HOSTILE, 1] });
        let text = serde_json::to_string_pretty(&value).unwrap();
        let plain = json(&text);
        assert!(!plain.replace('\n', "").contains(steers), "{plain}");
        let read: serde_json::Value = serde_json::from_str(&plain).unwrap();
        assert_eq!(read, value);
    }
}
