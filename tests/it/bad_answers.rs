//! The answers that no document knows, and the good ones in odd clothes: one row each.

use crate::bad_answer::{
    Row, bomb, bytes, changed, chunked, claims, dropping, endless, hanging, hanging_by_default,
    headed, page, row, says, tokens,
};
use crate::raw_portal::{Step, answer, good, json};

pub(crate) fn rows() -> Vec<Row> {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    const JSON: &str = "content-type: application/json\r\n";
    let mut rows: Vec<_> = [
        "206 Partial Content",
        "300 Multiple Choices",
        "304 Not Modified",
        "400 Bad Request",
        "401 Unauthorized",
        "402 Payment Required",
        "403 Forbidden",
        "404 Not Found",
        "405 Method Not Allowed",
        "407 Proxy Authentication Required",
        "408 Request Timeout",
        "409 Conflict",
        "410 Gone",
        "413 Content Too Large",
        "418 I'm a teapot",
        "421 Misdirected Request",
        "422 Unprocessable Content",
        "425 Too Early",
        "429 Too Many Requests",
        "431 Request Header Fields Too Large",
        "451 Unavailable For Legal Reasons",
        "500 Internal Server Error",
        "501 Not Implemented",
        "502 Bad Gateway",
        "503 Service Unavailable",
        "504 Gateway Timeout",
        "511 Network Authentication Required",
        "520 Unknown",
        "999 Odd",
    ]
    .map(page)
    .into();
    // Statuses without a page.
    rows.extend([
        row("204, empty", |_| {
            vec![Step::Send(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())]
        }),
        row("200, empty", |_| answer("200 OK", "", "")),
        row("401, empty", |_| answer("401 Unauthorized", "", "")),
        row("500, empty", |_| {
            answer("500 Internal Server Error", "", "")
        }),
        headed(
            "103, then a good answer",
            "103 Early Hints\r\n\r\nHTTP/1.1 200 OK",
            JSON,
        ),
        headed("a good answer with status 201", "201 Created", JSON),
        headed("a good answer with status 400", "400 Bad Request", JSON),
        headed(
            "a good answer with status 500",
            "500 Internal Server Error",
            JSON,
        ),
        headed(
            "429, in 3 s again",
            "429 Too Many Requests",
            "retry-after: 3\r\n",
        ),
        headed(
            "429, in 3 billion years again",
            "429 Too Many Requests",
            "retry-after: 99999999999999999\r\n",
        ),
        headed(
            "503, at an absurd date again",
            "503 Service Unavailable",
            "retry-after: Fri, 31 Dec 9999 23:59:59 GMT\r\n",
        ),
        headed(
            "503, at no date again",
            "503 Service Unavailable",
            "retry-after: canary\r\n",
        ),
    ]);
    // Redirects.
    rows.extend([
        headed(
            "302 to another host",
            "302 Found",
            "location: http://192.0.2.1/api/login/\r\n",
        ),
        headed(
            "307 to another port",
            "307 Temporary Redirect",
            "location: http://127.0.0.1:1/\r\n",
        ),
        headed("301 to nowhere", "301 Moved Permanently", ""),
        headed(
            "308 to no URL",
            "308 Permanent Redirect",
            "location: http://[\r\n",
        ),
        headed("303 without end", "303 See Other", "location: ?again\r\n"),
    ]);
    // Envelopes.
    rows.extend([
        changed("envelope status 400", r#""status":200"#, r#""status":400"#),
        changed("envelope status 401", r#""status":200"#, r#""status":401"#),
        changed("envelope status 503", r#""status":200"#, r#""status":503"#),
        changed("envelope status as a text", r#""status":200"#, r#""status":"200""#),
        changed("envelope status absurd", r#""status":200"#, r#""status":-1e400"#),
        changed("envelope status absent", r#","status":200"#, ""),
        changed("members that are not known", "{", r#"{"new":{"a":[1]},"#),
        changed("a member twice", r#""message":"""#, r#""message":"","message":"""#),
        says("data is an array", "200 OK", r#"{"data":["TOKEN"],"error":"","message":"","metadata":{},"status":200}"#),
        says("data is a text", "200 OK", r#"{"data":"no: TOKEN","error":"","message":"","metadata":{},"status":200}"#),
        says("data is null", "200 OK", r#"{"data":null,"status":200}"#),
        says("data is absent", "200 OK", r#"{"status":200}"#),
        says("an empty object", "200 OK", "{}"),
        says("an array", "200 OK", r#"[{"token":"TOKEN"}]"#),
        says("a text", "200 OK", r#""TOKEN""#),
        says("400, in words", "400 Bad Request", r#"{"data":{},"error":"Failed","message":"no: TOKEN","status":400}"#),
        says("400, in `error_list` alone", "400 Bad Request", r#"{"data":{},"error":"","error_list":["no: TOKEN"],"message":"","status":400}"#),
        says("400, without a word", "400 Bad Request", r#"{"data":{},"error":"","message":"","status":400}"#),
        says("400, members of other types", "400 Bad Request", r#"{"error":{"a":"TOKEN"},"error_list":7,"message":["TOKEN"],"metadata":1,"status":"x"}"#),
        says("401 with `msg`", "401 Unauthorized", r#"{"msg":"Token has expired TOKEN"}"#),
        says("401 of a gateway, in an array", "401 Unauthorized", r#"["Unauthorized TOKEN"]"#),
        says("401 of a gateway", "401 Unauthorized", r#"{"message":"Unauthorized TOKEN"}"#),
        says("401, an empty object", "401 Unauthorized", "{}"),
        says("422 with `msg`", "422 Unprocessable Content", r#"{"msg":"Only refresh tokens are allowed"}"#),
        says("403, its words in `data` alone", "403 Forbidden", r#"{"data":"no: TOKEN","status":403}"#),
        says("403 of a gateway", "403 Forbidden", r#"{"message":"Forbidden TOKEN"}"#),
        says("500 in an envelope", "500 Internal Server Error", r#"{"data":{},"error":"TOKEN","message":"TOKEN","status":500}"#),
        row("400, with the request in it", |request| {
            let echo = serde_json::json!({"error": request, "message": "no", "error_list": [{"body": request}], "status": 400});
            json("400 Bad Request", echo.to_string())
        }),
        row("401, with the request in it", |request| {
            let echo = serde_json::json!({"error": request, "message": "no", "error_list": [{"head": request}], "status": 401});
            json("401 Unauthorized", echo.to_string())
        }),
        row("JSON that is nested 100,000 deep", |_| json("200 OK", format!("{{\"data\":{}", "[".repeat(100_000)))),
        row("500 entries of `error_list`", |_| json("400 Bad Request", format!(r#"{{"error_list":[{}"e"],"status":400}}"#, r#""e","#.repeat(499)))),
    ]);
    // Bodies.
    rows.extend([
        headed(
            "a good answer as text/html",
            "200 OK",
            "content-type: text/html\r\n",
        ),
        headed(
            "a good answer that says it is packed",
            "200 OK",
            "content-encoding: gzip\r\n",
        ),
        headed(
            "a good answer packed in no known way",
            "200 OK",
            "content-encoding: canary\r\n",
        ),
        row("bytes that are no UTF-8", |_| {
            json("200 OK", b"{\"data\":\"\xff\xfe canary\"}")
        }),
        row("a body of zeros", |_| json("200 OK", [0; 1000])),
        changed("a byte order mark first", "{", "\u{feff}{"),
        row("half of the body, then closed", |_| {
            vec![
                Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"data\":".to_vec()),
                Step::Close,
            ]
        }),
        row("half of the body, then reset", |_| {
            vec![
                Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"data\":".to_vec()),
                Step::Reset,
            ]
        }),
        chunked("a chunk of no size", "canary\r\n{}\r\n"),
        chunked("a chunk that is cut", "ff\r\n{\"data\":"),
        chunked("a chunk of 2^64 bytes", "ffffffffffffffffff\r\n{"),
        endless(
            "an endless body",
            &format!("{OK}{JSON}\r\n{{\"data\":\""),
            "canary",
        ),
        endless(
            "100 MB, announced",
            &format!("{OK}{JSON}content-length: 104857600\r\n\r\n"),
            " ",
        ),
        endless(
            "an endless number of chunks",
            &format!("{OK}{JSON}transfer-encoding: chunked\r\n\r\n"),
            // Many, but no more than a machine under load reads before a call times out.
            &format!("100\r\n{:256}\r\n", ""),
        ),
        endless(
            "an endless page with status 500",
            "HTTP/1.1 500 Internal Server Error\r\n\r\n",
            "canary",
        ),
        bomb(),
    ]);
    // Heads.
    rows.extend([
        endless("an endless number of headers", OK, "x-canary: 1\r\n"),
        endless("an endless header", &format!("{OK}x-canary: "), "1"),
        bytes("no HTTP", "SSH-2.0-canary\r\n\r\n", Step::Close),
        bytes(
            "a fatal alert of TLS",
            b"\x15\x03\x01\x00\x02\x02\x46",
            Step::Close,
        ),
        bytes("HTTP/9.9", "HTTP/9.9 200 OK\r\n\r\n", Step::Close),
        bytes(
            "a status that is no number",
            "HTTP/1.1 abc OK\r\n\r\n",
            Step::Close,
        ),
        bytes(
            "two lengths",
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
            Step::Close,
        ),
        bytes(
            "a negative length",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}",
            Step::Close,
        ),
        bytes(
            "a header with a zero in it",
            "HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n{}",
            Step::Close,
        ),
        bytes(
            "a switch of protocols",
            "HTTP/1.1 101 Switching Protocols\r\nupgrade: canary\r\n\r\n",
            Step::Close,
        ),
        bytes(
            "half of the head, then closed",
            "HTTP/1.1 200 OK\r\nconte",
            Step::Close,
        ),
        dropping("closed before the request"),
        bytes("closed without an answer", "", Step::Close),
        bytes("reset without an answer", "", Step::Reset),
        row("a good answer, then closed", |request| {
            [good(request), vec![Step::Close]].concat()
        }),
        row("a good answer, then reset", |request| {
            [good(request), vec![Step::Reset]].concat()
        }),
        row("a good answer, then another one", |request| {
            [good(request), good(request)].concat()
        }),
    ]);
    // Tokens.
    rows.extend([
        tokens("an opaque token", r#""canary-opaque""#),
        tokens("a token that is empty", r#""""#),
        tokens("a token that is a number", "7"),
        tokens("a token that is null", "null"),
        tokens("a token with a line break", r#""canary\r\nx-evil: 1""#),
        tokens("a token with a zero", r#""canary\u0000""#),
        tokens("a token with a space", r#""canary canary""#),
        tokens("a token with an umlaut", r#""canäry""#),
        tokens(
            "a token of 1 MB",
            format!(r#""{}""#, "canary".repeat(170_000)),
        ),
        tokens(
            "a token of 10 kB",
            format!(r#""{}""#, "canary".repeat(1_700)),
        ),
        claims("a JWT without claims", "{}"),
        claims("a JWT of another kind", "[1]"),
        claims(
            "a JWT that has expired at once",
            r#"{"iat":1000,"exp":1000}"#,
        ),
        claims("a JWT that expired before", r#"{"iat":1000,"exp":-1}"#),
        claims("a JWT that says its end alone", r#"{"exp":10000000000}"#),
        claims(
            "a JWT that says its end alone, in the past",
            r#"{"exp":1000}"#,
        ),
        claims("a JWT for 10^300 seconds", r#"{"iat":1000,"exp":1e300}"#),
        claims(
            "a JWT with a text for a time",
            r#"{"iat":"now","exp":"soon"}"#,
        ),
        changed("no refresh token", r#""refresh_token""#, r#""other""#),
    ]);
    // Silence.
    rows.extend([
        hanging("silence", vec![Step::Hold]),
        hanging_by_default("silence, with the default timeouts", vec![Step::Hold]),
        hanging(
            "half of the head, then silence",
            vec![Step::Send(b"HTTP/1.1 200".to_vec()), Step::Hold],
        ),
        hanging(
            "the head, then silence",
            vec![
                Step::Send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n".to_vec()),
                Step::Hold,
            ],
        ),
        hanging(
            "a head that drips",
            vec![Step::Send(OK.into()), Step::Drip(b"x: 1\r\n".to_vec())],
        ),
        hanging(
            "a body that drips",
            vec![
                Step::Send(format!("{OK}{JSON}\r\n").into()),
                Step::Drip(b" ".to_vec()),
            ],
        ),
    ]);
    rows
}
