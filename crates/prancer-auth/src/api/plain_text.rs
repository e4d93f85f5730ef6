//! Text of others that can be shown on a terminal and in a log.

/// The text in one line, with what would steer a terminal, forge a line of a log or turn the direction of writing escaped.
pub(crate) fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if steers(character) {
            plain.extend(character.escape_default());
        } else {
            plain.push(character);
        }
    }
    plain
}

/// A URL or a path that may not even be valid, as plain text without what may hold secrets: user name, password, query and fragment.
pub(crate) fn plain_url(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let authority = url.find("//").or_else(|| url.find("\\\\"));
    match (authority.filter(|it| *it < end), url.rfind('@')) {
        // That sign may end a password, or stand in a query.
        (Some(start), Some(at)) if end < at => plain_text(&url[..start]) + "//(..)",
        (Some(start), Some(at)) if start < at => {
            plain_text(&format!("{}//{}", &url[..start], &url[at + 1..end]))
        }
        _ => plain_text(&url[..end]),
    }
}

fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_or_forges_a_line_is_escaped_and_nothing_else() {
        let text = "a\u{1b}[2J\r\nERROR \u{9b}31m \u{202e}x\u{2028}\t\u{7f}";
        assert_eq!(
            plain_text(text),
            r"a\u{1b}[2J\r\nERROR \u{9b}31m \u{202e}x\u{2028}\t\u{7f}"
        );
        let plain = r#"Zürich, 端末, "quoted" and \n"#;
        assert_eq!(plain_text(plain), plain);
    }

    #[test]
    fn a_url_is_shown_without_user_password_query_and_fragment() {
        for (url, plain) in [
            ("https://u:p@h/a/?q#f", "https://h/a/"),
            // Which part is a secret, only their writer knows.
            ("https://u:p#w?d@h/a", "https://(..)"),
            ("https://h/a?email=u@secret", "https://(..)"),
            ("//u@h/a#token", "//h/a"),
            (r"https:\\u:p@h", "https://h"),
            ("/a/b@c?d", "/a/b@c"),
            ("a@b//c", "a@b//c"),
            ("a#b?c", "a"),
            ("", ""),
        ] {
            assert_eq!(plain_url(url), plain, "{url}");
        }
    }
}
