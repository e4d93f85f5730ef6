//! The paths that servers read differently, so that a token could end up where it was not meant to go.

use percent_encoding::percent_decode_str;

/// Whether a path, or a URL, can be read as another path: a backslash, an encoded dot or backslash, or `..` that is followed by an
/// encoded slash or a parameter. Plain `..` is what it is; the query is not looked at.
pub(crate) fn is_ambiguous(path: &str) -> bool {
    let end = path.find(['?', '#']).unwrap_or(path.len());
    let path = &path[..end];
    let decoded = decoded(path);
    let encodes = |what: &str| decoded.matches(what).count() > path.matches(what).count();
    decoded.contains('\\')
        || encodes(".")
        || decoded
            .split('/')
            .any(|segment| match segment.split_once(';') {
                Some((name, _)) => is_dots(name),
                None => false,
            })
        || (encodes("/") && decoded.split('/').any(is_dots))
}

fn is_dots(segment: &str) -> bool {
    segment == "." || segment == ".."
}

/// The path as the most eager of servers reads it, which decodes until nothing is left to decode.
fn decoded(path: &str) -> String {
    let mut path = path.to_owned();
    loop {
        let decoded = percent_decode_str(&path).decode_utf8_lossy().into_owned();
        if decoded == path {
            return decoded;
        }
        path = decoded;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_servers_read_differently_are_found() {
        for path in [
            "..%2f", "a/..%2Fb", "..;/", "a/.;x/b", "%2e", "a%2Eb", "\\", "a%5Cb", "%252e",
            "%25%32e", "..%252f", "%25255c",
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
            "a%20b",
            "?p=..%2f",
            "x#\\",
        ] {
            assert!(!is_ambiguous(path), "{path}");
        }
    }
}
