//! A test of the document against the facts of the vendor's page: one table, changed only on purpose.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::document::{Document, member};
use crate::finding::Finding;

/// An operation: where it is, what it is called, which token it takes and no other, which schemas answer, what its text says.
struct Operation {
    method: &'static str,
    path: &'static str,
    id: &'static str,
    token: &'static str,
    answers: [(&'static str, &'static str); 2],
    says: &'static [&'static str],
}

const NO_TOKEN: &str = "no token";
const CONTENT_TYPE: &str = "content-type: application/json";

const OPERATIONS: [Operation; 3] = [
    Operation {
        method: "post",
        path: "/api/login/",
        id: "login",
        token: NO_TOKEN,
        answers: [("200", "TokenEnvelope"), ("400", "ErrorEnvelope")],
        says: &["7 days", CONTENT_TYPE],
    },
    Operation {
        method: "get",
        path: "/api/refresh/token/",
        id: "refresh",
        token: "`refreshToken`",
        answers: [("200", "TokenEnvelope"), ("401", "ErrorEnvelope")],
        says: &["24 hours", CONTENT_TYPE],
    },
    Operation {
        method: "post",
        path: "/api/logout/",
        id: "logout",
        token: "`accessToken`",
        answers: [("200", "EmptyEnvelope"), ("401", "ErrorEnvelope")],
        says: &["refresh token no longer works", CONTENT_TYPE],
    },
];

/// What each member of a schema is; all of them are required, and others are not. A schema may have more members.
const SCHEMAS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Credentials",
        &[
            ("customer_id", "string"),
            ("email", "string"),
            ("password", "`Password`"),
        ],
    ),
    (
        "TokenPair",
        &[
            ("refresh_token", "`RefreshToken`"),
            ("token", "`AccessToken`"),
        ],
    ),
    (
        "TokenEnvelope",
        &[
            ("data", "`TokenPair`"),
            ("error", "string"),
            ("message", "string"),
            ("metadata", "`Metadata`"),
            ("status", "integer"),
        ],
    ),
    (
        "EmptyEnvelope",
        &[
            ("data", "`EmptyData`"),
            ("error", "string"),
            ("message", "string"),
            ("metadata", "`Metadata`"),
            ("status", "integer"),
        ],
    ),
    (
        "ErrorEnvelope",
        &[
            ("data", "`EmptyData`"),
            ("error", "string"),
            ("message", "string"),
            ("metadata", "`Metadata`"),
            ("status", "integer"),
        ],
    ),
];

/// The servers that are there, and the defaults of their variables; others are on the same hosts.
const SERVERS: [(&str, Option<(&str, &str)>); 3] = [
    ("https://portal.prancer.io", None),
    (
        "https://portal.prancer.io/{tenant}",
        Some(("tenant", "customer1")),
    ),
    ("https://{host}", Some(("host", "portal.prancer.io"))),
];

/// Operations that other texts of the vendor tell of and that take no token; all that are not known here take the access token.
const ANONYMOUS: [&str; 1] = ["/api/validate/accesstoken/"];

pub(super) fn check(document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    let remedy =
        "the page says otherwise; where that changed, change xtask/src/lint/facts.rs on purpose";
    let mut find = |pointer: &str, problem: String| {
        findings.push(document.finding(pointer, problem, remedy));
    };
    let value = document.value();
    for operation in &OPERATIONS {
        let pointer = member(&member("/paths", operation.path), operation.method);
        if let Some(described) = value.pointer(&pointer) {
            for problem in operation.problems(described) {
                find(&pointer, problem);
            }
        }
    }
    if value.pointer("/paths/~1api~1login~1/post/requestBody/required") != Some(&true.into()) {
        find(
            "/paths/~1api~1login~1/post",
            "login's body is required".to_owned(),
        );
    }
    for (name, members) in SCHEMAS {
        let pointer = format!("/components/schemas/{name}");
        let schema = value.pointer(&pointer).unwrap_or(&Value::Null);
        for (member, expected) in members {
            let is = kind(&schema["properties"][member]);
            if is != *expected {
                find(
                    &pointer,
                    format!("`{member}` of `{name}` is {is}, not {expected}"),
                );
            }
        }
        let expected: BTreeSet<_> = members.iter().map(|(name, _)| *name).collect();
        let required = schema["required"].as_array().into_iter().flatten();
        let required: BTreeSet<_> = required.filter_map(Value::as_str).collect();
        if required != expected {
            let told = |names: BTreeSet<_>| names.into_iter().collect::<Vec<_>>().join(", ");
            let (required, expected) = (told(required), told(expected));
            find(
                &pointer,
                format!("`{name}` requires {required}, not {expected}"),
            );
        }
    }
    for (pointer, problem) in servers(value) {
        find(&pointer, problem);
    }
    let others = others(value).into_iter();
    findings.extend(
        others.map(|(pointer, problem, remedy)| document.finding(&pointer, problem, &remedy)),
    );
    findings
}

/// What is wrong with the servers, and where.
fn servers(value: &Value) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let servers = value["servers"].as_array().cloned().unwrap_or_default();
    for (url, variable) in SERVERS {
        let Some(at) = servers.iter().position(|it| it["url"] == url) else {
            let problem = format!("there is no server `{url}`");
            problems.push(("/servers".to_owned(), problem));
            continue;
        };
        if let Some((name, expected)) = variable {
            let is = servers[at]["variables"][name]["default"].as_str();
            let is = is.unwrap_or_default();
            if is != expected {
                let problem = format!("`{name}` of `{url}` is `{is}` by default, not `{expected}`");
                problems.push((format!("/servers/{at}/variables/{name}/default"), problem));
            }
        }
    }
    for (at, server) in servers.iter().enumerate() {
        let url = server["url"].as_str().unwrap_or_default();
        let of = |(host, _): (&str, _)| {
            let rest = url.strip_prefix(host);
            rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        if !SERVERS.into_iter().any(of) {
            let problem = format!("the servers' hosts are the page's, and `{url}` has another");
            problems.push((format!("/servers/{at}"), problem));
        }
    }
    problems
}

/// The operations that the page does not tell of, where they take another token than they should; and what to do.
fn others(value: &Value) -> Vec<(String, String, String)> {
    let mut problems = Vec::new();
    for (path, item) in value["paths"].as_object().into_iter().flatten() {
        for method in super::METHODS {
            let told = OPERATIONS
                .iter()
                .any(|it| it.path == path && it.method == method);
            let Some(described) = item.get(method).filter(|_| !told) else {
                continue;
            };
            let takes = token(&described["security"]);
            const TABLE: &str = "ANONYMOUS in xtask/src/lint/facts.rs";
            let (expected, remedy) = match ANONYMOUS.contains(&path.as_str()) {
                true => (
                    NO_TOKEN,
                    format!("write `security: []`, or take {path:?} out of {TABLE}"),
                ),
                false => (
                    "`accessToken`",
                    format!(
                        "write `security: [{{accessToken: []}}]`; where a text of the vendor says that it takes no token, add {path:?} to {TABLE}"
                    ),
                ),
            };
            if takes != expected {
                let name = format!("{} {path}", method.to_uppercase());
                let problem = format!("`{name}` takes {takes}, not {expected}");
                let pointer = member(&member("/paths", path), method);
                problems.push((pointer, problem, remedy));
            }
        }
    }
    problems
}

/// Whether a text has these words, and not as a part of others.
fn says(text: &str, words: &str) -> bool {
    let is_letter = |it: Option<char>| it.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        let after = text[at + words.len()..].chars().next();
        !is_letter(text[..at].chars().next_back()) && !is_letter(after)
    })
}

impl Operation {
    fn problems(&self, described: &Value) -> Vec<String> {
        let Self {
            method, path, id, ..
        } = self;
        let mut problems = Vec::new();
        let is = described["operationId"].as_str().unwrap_or_default();
        if is != *id {
            let method = method.to_uppercase();
            problems.push(format!("`{method} {path}` is `{is}`, not `{id}`"));
        }
        let takes = token(&described["security"]);
        if takes != self.token {
            problems.push(format!("`{id}` takes {takes}, not {}", self.token));
        }
        for (code, expected) in self.answers {
            let schema = &described["responses"][code]["content"]["application/json"]["schema"];
            let is = kind(schema);
            if is != format!("`{expected}`") {
                problems.push(format!("`{id}` answers {code} by {is}, not `{expected}`"));
            }
        }
        let text = described["description"].as_str().unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let silent = self.says.iter().filter(|it| !says(&text, it));
        problems.extend(silent.map(|words| format!("the text of `{id}` has to say `{words}`")));
        problems
    }
}

/// The tokens of one or several ways to authenticate.
fn token(security: &Value) -> String {
    let ways = security.as_array().into_iter().flatten().map(|way| {
        let names = way.as_object().into_iter().flatten();
        let names: Vec<_> = names.map(|(name, _)| format!("`{name}`")).collect();
        match names.is_empty() {
            true => NO_TOKEN.to_owned(),
            false => names.join(" and "),
        }
    });
    let ways = ways.collect::<Vec<_>>().join(" or ");
    if ways.is_empty() {
        NO_TOKEN.to_owned()
    } else {
        ways
    }
}

/// The name of a schema, or its type.
fn kind(schema: &Value) -> String {
    match schema["$ref"].as_str() {
        Some(reference) => format!("`{}`", reference.rsplit('/').next().unwrap_or(reference)),
        None => schema["type"].as_str().unwrap_or("nothing").to_owned(),
    }
}
