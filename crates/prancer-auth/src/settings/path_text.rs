//! The paths that servers read differently, so that a token could end up where it was not meant to go.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// How often a path is decoded: more often than servers in a row do, and so seldom that no path costs much.
const ROUNDS: usize = 3;

/// Whether a path, or a URL, can be read as another path: a backslash, an encoded dot, a control character, `..` that is followed by
/// anything but a plain slash or a name, or what decodes to no text. Plain `..` is what it is; the query is not looked at.
pub(crate) fn is_ambiguous(path: &str) -> bool {
    // Every request is looked at several times, and most paths are plain.
    let is_plain =
        |it| matches!(it, b'/' | b'-' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z');
    if path.bytes().all(is_plain) {
        return false;
    }
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let path = &path[..end];
    let Some(decoded) = decoded(path) else {
        return true;
    };
    let encodes = |what: char| decoded.matches(what).count() > path.matches(what).count();
    let encodes_slash = encodes('/');
    decoded.contains(|it: char| it == '\\' || it.is_control())
        || encodes('.')
        || decoded
            .split('/')
            .any(|segment| match behind_dots(segment) {
                Some(None) => encodes_slash,
                Some(Some(next)) => !(next.is_alphanumeric() || "-_~".contains(next)),
                None => false,
            })
}

/// What comes behind the one or two dots that a segment begins with, if it begins so: servers differ in where they see its end.
fn behind_dots(segment: &str) -> Option<Option<char>> {
    let rest = segment.trim_start_matches('.');
    let is_dots = (1..=2).contains(&(segment.len() - rest.len()));
    is_dots.then(|| rest.chars().next())
}

/// The path as the most eager of servers reads it, which decodes until nothing is left to decode; `None` where that never ends, or
/// where it is no text.
fn decoded(path: &str) -> Option<Cow<'_, str>> {
    if !path.contains('%') {
        return Some(path.into());
    }
    // A name may hold a percent sign: only what the path itself encodes has to be text.
    let mut path = percent_decode_str(path).decode_utf8().ok()?.into_owned();
    for _ in 1..ROUNDS {
        path = decoded_once(&path);
    }
    (decoded_once(&path) == path).then(|| path.into())
}

fn decoded_once(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_servers_read_differently_are_found() {
        for path in [
            "..%2f",
            "a/..%2Fb",
            "..;/",
            "a/.;x/b",
            "%2e",
            "a%2Eb",
            "\\",
            "a%5Cb",
            "%252e",
            "%25%32e",
            "..%252f",
            "%25255c",
            ".%09./x",
            "..%09/",
            "..%00/",
            "..%0d%0a/",
            "a\tb",
            "%c0%ae%c0%ae/",
            "..%c0%af",
            "%ff",
            "..%3f",
            "..%23/",
            "a%2f..%3fb",
            "..%253f",
            ".%20",
            "..%EF%BC%8F",
            "%25252525",
        ] {
            assert!(is_ambiguous(path), "{path}");
        }
    }

    #[test]
    fn other_paths_are_what_they_are() {
        for path in [
            "",
            "user/get/",
            "a/../b",
            "./a",
            "a.b/c..d",
            "a%2fb",
            "a;b/c",
            "100%25",
            "reports/90%25cached",
            "a%20b",
            ".well-known/x",
            ".%C3%A4",
            "...%20",
            "%2525",
            "?p=..%2f",
            "x#\\",
        ] {
            assert!(!is_ambiguous(path), "{path}");
        }
    }
}
