//! A test of the document against the vendor's page: methods, paths, status codes and the text of the examples are its own.

use serde_json::Value;

use crate::document::{Document, member};
use crate::finding::Finding;
use crate::workspace::Workspace;

/// The vendor's page that the document follows, below the root of the workspace.
pub(super) const PAGE: &str = "openapi/authentication-api.txt";

/// An operation as the page tells it.
#[derive(Debug, Default, PartialEq)]
struct Told {
    path: String,
    method: String,
    request: Option<String>,
    /// Status codes and bodies.
    answers: Vec<(String, String)>,
}

pub(super) fn check(document: &Document, page: &str) -> Vec<Finding> {
    let told = read(page);
    if told.is_empty() {
        let problem = format!("{PAGE} tells of no operation");
        return vec![document.finding("", problem, "put the vendor's page there")];
    }
    let findings = told.iter().flat_map(|it| compare(document, it));
    findings.chain(untold(document, &told)).collect()
}

/// The operations that the page does not tell of: each says which of the vendor's texts does.
fn untold(document: &Document, told: &[Told]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, item) in document.value()["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let is_told = told
                .iter()
                .any(|it| it.path == *path && it.method == *method);
            let source = operation["externalDocs"]["url"].as_str();
            let has_source = source.is_some_and(|it| it.starts_with("https://docs.prancer.io/"));
            if super::METHODS.contains(&method.as_str()) && !is_told && !has_source {
                findings.push(document.finding(
                    member(&member("/paths", path), method),
                    format!("{} {path}, which the page does not tell of", method.to_uppercase()),
                    "say in `externalDocs` which text of the vendor does: https://docs.prancer.io/..",
                ));
            }
        }
    }
    findings
}

fn compare(document: &Document, told: &Told) -> Vec<Finding> {
    let name = format!("{} {}", told.method.to_uppercase(), told.path);
    let pointer = member(&member("/paths", &told.path), &told.method);
    let Some(operation) = document.value().pointer(&pointer) else {
        let problem = format!("the page has an operation {name}, the document has none");
        return vec![document.finding(pointer, problem, format!("describe it as {PAGE} does"))];
    };
    let mut findings = Vec::new();
    if let Some(body) = &told.request {
        let pointer = format!("{pointer}/requestBody");
        findings.extend(example(document, &pointer, body));
    }
    for (code, body) in &told.answers {
        let pointer = format!("{pointer}/responses/{code}");
        if document.value().pointer(&pointer).is_some() {
            findings.extend(example(document, &pointer, body));
        } else {
            let problem = format!("the page has an answer {code} of {name}, the document has none");
            findings.push(document.finding(pointer, problem, "describe it"));
        }
    }
    for code in operation["responses"].as_object().into_iter().flatten() {
        if !told.answers.iter().any(|(told, _)| told == code.0) {
            findings.push(document.finding(
                format!("{pointer}/responses/{}", code.0),
                format!("the page has no answer {} of {name}", code.0),
                "describe documented codes only; readers are lenient about others",
            ));
        }
    }
    findings
}

/// What is wrong with the example of the body at `pointer`, which the page has as `body`.
fn example(document: &Document, pointer: &str, body: &str) -> Option<Finding> {
    let pointer = format!("{pointer}/content/application~1json/examples/documented/value");
    let remedy = format!("take it word for word from {PAGE}");
    match document.value().pointer(&pointer) {
        None => Some(document.finding(pointer, "the page's example is missing", remedy)),
        Some(value) if !is_same(value, body) => {
            let problem = format!("the example is {value}, not that of the page");
            Some(document.finding(pointer, problem, remedy))
        }
        Some(_) => None,
    }
}

/// Whether the page's text is this value, in whatever order of its members.
fn is_same(value: &Value, text: &str) -> bool {
    // The page lacks some quotation marks around tokens.
    let mut text = text.to_owned();
    for token in ["<JWT refresh Token>", "<JWT Bearer Token>"] {
        let quoted = format!("\"{token}\"");
        for lacking in [&quoted, &quoted[1..], token] {
            text = text.replace(lacking, "\0");
        }
        text = text.replace('\0', &quoted);
    }
    serde_json::from_str::<Value>(&text).ok().as_ref() == Some(value)
}

fn read(page: &str) -> Vec<Told> {
    let mut operations = Vec::<Told>::new();
    let mut code = None;
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches([' ', '\u{2022}', '-']).trim_end();
        if let Some(url) = line.strip_prefix("URL: https://") {
            let path = url.find('/').map_or("/", |start| &url[start..]);
            operations.push(Told {
                path: path.to_owned(),
                ..Told::default()
            });
        }
        let Some(operation) = operations.last_mut() else {
            continue;
        };
        if let Some(method) = line.strip_prefix("Method: ") {
            operation.method = method.to_lowercase();
        } else if let Some(status) = line.strip_prefix("Status Code: ") {
            code = Some(status.to_owned());
        } else if line == "Param:" {
            operation.request = Some(block(&mut lines));
        } else if line == "Response:"
            && let Some(code) = code.take()
        {
            operation.answers.push((code, block(&mut lines)));
        }
    }
    operations
}

/// The lines up to the one that closes the block, told by its indentation.
fn block<'a>(lines: &mut impl Iterator<Item = &'a str>) -> String {
    let mut block = String::new();
    let mut indentation = None;
    for line in lines {
        let indented = line.len() - line.trim_start().len();
        block += line;
        if line.trim() == "}" && indentation == Some(indented) {
            break;
        }
        indentation = indentation.or(Some(indented));
    }
    block
}

#[test]
fn the_document_says_what_the_page_says() {
    let workspace = Workspace::new(None);
    let document = Document::read(&workspace).unwrap();
    let page = std::fs::read_to_string(workspace.join(PAGE)).unwrap();
    let facts = super::facts::check(&document).into_iter();
    let found = facts.chain(check(&document, &page));
    let found: String = found.map(|it| format!("{it}\n")).collect();
    assert!(found.is_empty(), "{found}");
}

#[test]
fn the_page_is_read_whole() {
    let told = read(include_str!("../../../openapi/authentication-api.txt"));
    let names = told.iter().map(|it| {
        let codes: Vec<_> = it.answers.iter().map(|(code, _)| code.as_str()).collect();
        (it.method.as_str(), it.path.as_str(), codes)
    });
    let expected = [
        ("post", "/api/login/", vec!["200", "400"]),
        ("get", "/api/refresh/token/", vec!["200", "401"]),
        ("post", "/api/logout/", vec!["200", "401"]),
    ];
    assert_eq!(names.collect::<Vec<_>>(), expected);
    let requests = told.iter().map(|it| it.request.is_some());
    assert_eq!(requests.collect::<Vec<_>>(), [true, false, false]);
    assert!(told[2].answers[1].1.contains("Please authenticate"));
}

#[test]
fn an_empty_page_is_a_finding() {
    let document = Document::parse("openapi: 3.0.3\n").unwrap();
    assert!(check(&document, "")[0].problem.contains("no operation"));
}

#[test]
fn only_white_space_and_order_may_differ_and_the_marks_that_the_page_lacks() {
    let value = serde_json::json!({ "a": "<JWT Bearer Token>", "b": 1 });
    for a in [
        "\"<JWT Bearer Token>\"",
        "<JWT Bearer Token>\"",
        "<JWT Bearer Token>",
    ] {
        assert!(
            is_same(&value, &format!("{{ \"a\": {a},\n  \"b\": 1 }}")),
            "{a}"
        );
        assert!(is_same(&value, &format!("{{\"b\": 1, \"a\": {a}}}")), "{a}");
        assert!(
            !is_same(&value, &format!("{{\"a\": {a}, \"b\": \"1\"}}")),
            "{a}"
        );
    }
    assert!(!is_same(&value, "{\"a\": \"<JWT BearerToken>\", \"b\": 1}"));
}
