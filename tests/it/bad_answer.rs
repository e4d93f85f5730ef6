//! One kind of answer that no document knows, in the making.

use std::io::Write as _;

use crate::raw_portal::{Answer, Step, answer, good, json, token};

/// One kind of answer.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// What is answered to this request.
    pub(crate) answer: Box<dyn Fn(&str) -> Answer + Send + Sync>,
    pub(crate) end: End,
    /// The connection is closed before the request is read.
    pub(crate) drops: bool,
}

/// What ends an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// It ends by itself.
    Own,
    /// Only a timeout ends it: a short one that the program has set.
    Timeout,
    /// Only a timeout ends it: that of a program which has set none.
    DefaultTimeout,
}

pub(crate) fn row(
    name: &'static str,
    answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
) -> Row {
    let answer = Box::new(answer);
    Row {
        name,
        answer,
        end: End::Own,
        drops: false,
    }
}

pub(crate) fn dropping(name: &'static str) -> Row {
    Row {
        drops: true,
        ..row(name, |_| Vec::new())
    }
}

pub(crate) fn hanging(name: &'static str, steps: Vec<Step>) -> Row {
    let answer = Box::new(move |_: &str| steps.clone());
    Row {
        name,
        answer,
        end: End::Timeout,
        drops: false,
    }
}

pub(crate) fn hanging_by_default(name: &'static str, steps: Vec<Step>) -> Row {
    Row {
        end: End::DefaultTimeout,
        ..hanging(name, steps)
    }
}

pub(crate) fn bytes(name: &'static str, text: impl AsRef<[u8]>, then: Step) -> Row {
    let text = text.as_ref().to_vec();
    row(name, move |_| vec![Step::Send(text.clone()), then.clone()])
}

/// The good answer, with one text in place of another.
pub(crate) fn changed(name: &'static str, from: &'static str, to: &'static str) -> Row {
    row(name, move |request| {
        let Some(Step::Send(good)) = good(request).pop() else {
            return Vec::new();
        };
        let text = String::from_utf8(good).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        json("200 OK", body.replacen(from, to, 1))
    })
}

/// The good answer, with another status line, or other headers.
pub(crate) fn headed(name: &'static str, status: &'static str, headers: &'static str) -> Row {
    row(name, move |request| {
        let Some(Step::Send(good)) = good(request).pop() else {
            return Vec::new();
        };
        let body = good.windows(4).position(|it| it == b"\r\n\r\n").unwrap() + 4;
        answer(status, headers, &good[body..])
    })
}

/// A page of HTML, as something in front of the portal answers.
pub(crate) fn page(status: &'static str) -> Row {
    row(status, move |_| {
        let body = format!("<html><h1>{status}</h1>{}</html>", token("canary-page"));
        answer(status, "content-type: text/html\r\n", body)
    })
}

/// JSON of any kind, with words of the portal and secrets in it.
pub(crate) fn says(name: &'static str, status: &'static str, body: &'static str) -> Row {
    row(name, move |_| {
        json(status, body.replace("TOKEN", &token("canary-said")))
    })
}

/// An answer of login and refresh with this in place of the access token; the other calls are well.
pub(crate) fn tokens(name: &'static str, access: impl Into<String>) -> Row {
    let body = format!(
        r#"{{"data":{{"token":{},"refresh_token":"{}"}},"status":200}}"#,
        access.into(),
        token("canary-refresh")
    );
    row(name, move |request| match request.contains("/user/get/") {
        true => good(request),
        false => json("200 OK", &body),
    })
}

pub(crate) fn chunked(name: &'static str, chunks: &'static str) -> Row {
    let head =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    bytes(name, format!("{head}{chunks}"), Step::Close)
}

pub(crate) fn endless(name: &'static str, head: &str, piece: &str) -> Row {
    let (head, piece) = (head.to_owned().into_bytes(), piece.repeat(4096));
    row(name, move |_| {
        vec![
            Step::Send(head.clone()),
            Step::Endless(piece.clone().into_bytes()),
        ]
    })
}

/// 256 MiB of spaces, packed.
pub(crate) fn bomb() -> Row {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..256 {
        packed.write_all(&[b' '; 1 << 20]).unwrap();
    }
    let packed = packed.finish().unwrap();
    row("a bomb of gzip", move |_| {
        answer("200 OK", "content-encoding: gzip\r\n", &packed)
    })
}

pub(crate) fn claims(name: &'static str, claims: &str) -> Row {
    use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims);
    tokens(name, format!(r#""eyJhbGciOiJIUzI1NiJ9.{claims}.canary""#))
}
