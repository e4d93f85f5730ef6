//! A list that comes in pages.

use std::collections::HashSet;

use prancer_auth::Envelope;
use reqwest::{Response, Url};
use serde_json::Value;

use super::body::Body;
use super::{Api, Call, answer, cut_short, failed, send};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::session::OpenSession;
use crate::settings::Settings;

/// What names a page, in the query or in a JSON body.
const INDEX: &str = "index";
/// How many pages are followed: more than any list has.
const PAGES: usize = 10_000;
/// In bytes; as much as the library reads of an envelope.
const LONGEST_PAGE: usize = 16 * 1024 * 1024;

/// Follows `next_index`, and prints the data of all pages as one list.
pub(super) async fn print(
    settings: &Settings,
    open: &OpenSession,
    arguments: &Api,
    mut call: Call,
) -> Result<(), Failure> {
    let mut all = Vec::new();
    let mut seen = HashSet::from([call.index().unwrap_or_else(|| "0".to_owned())]);
    let mut before = None;
    for _ in 0..PAGES {
        let response = send(settings, open, arguments, &call).await?;
        let status = response.status();
        let body = whole(response).await?;
        let envelope = serde_json::from_slice::<Envelope>(&body).ok();
        if let Some(failure) = failed(&call, status, envelope.as_ref()) {
            answer::shown(&body)?;
            return Err(failure);
        }
        let Some(envelope) = envelope else {
            let problem = "--paginate needs a portal response with `data` and `metadata`";
            return Err(Failure::plain(Exit::Failed, problem));
        };
        let is_empty = |it: &Value| it.as_array().is_some_and(Vec::is_empty);
        let data = envelope.data;
        if data.as_ref().is_some_and(|it| !is_empty(it)) && data == before {
            return Err(endless("two pages have the same data".to_owned()));
        }
        before.clone_from(&data);
        match data {
            Some(Value::Array(items)) => all.extend(items),
            Some(other) => all.push(other),
            None => {}
        }
        let Some(next) = next_index(envelope.metadata.get("next_index"))? else {
            return output::value(&Value::Array(all));
        };
        if !seen.insert(next.clone()) {
            return Err(endless(format!("page {next} was returned twice")));
        }
        call.turn_to(&next);
    }
    Err(endless(format!("more than {PAGES} pages")))
}

/// A page, which is not without end.
async fn whole(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(cut_short)? {
        if body.len() + piece.len() > LONGEST_PAGE {
            let problem = format!("a page is larger than {LONGEST_PAGE} bytes");
            return Err(incomplete(problem));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

fn endless(what: String) -> Failure {
    incomplete(format!("the list does not end: {what}"))
}

fn incomplete(problem: String) -> Failure {
    Failure::plain(Exit::Failed, problem).next("ask for one page at a time: --query index=0")
}

/// The page that follows; none after the last.
fn next_index(next: Option<&Value>) -> Result<Option<String>, Failure> {
    match next {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) if number.as_i64() == Some(-1) => Ok(None),
        Some(Value::Number(number)) if !number.is_f64() => Ok(Some(number.to_string())),
        Some(Value::String(text)) if text == "-1" => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(other) => {
            let problem = format!("the list is not complete: its next_index is {other}");
            Err(incomplete(problem))
        }
    }
}

impl Call {
    /// The page that the caller begins at.
    fn index(&self) -> Option<String> {
        let in_query = self.query.iter().find(|(name, _)| name == INDEX);
        let in_query = in_query.map(|(_, value)| value.clone());
        let in_path = self.path.split_once('?').and_then(|(_, query)| {
            let mut pairs = pairs(query).into_iter();
            pairs
                .find(|(name, _)| name == INDEX)
                .map(|(_, value)| value)
        });
        let in_body = self.json_index().map(|value| match value {
            Value::String(text) => text,
            other => other.to_string(),
        });
        in_query.or(in_path).or(in_body)
    }

    /// Asks for this page in the place where the caller named one, else in the query.
    fn turn_to(&mut self, index: &str) {
        if self.json_index().is_some() {
            return self.turn_body_to(index);
        }
        self.query.retain(|(name, _)| name != INDEX);
        if let Some((path, query)) = self.path.split_once('?') {
            let rest = pairs(query).into_iter().filter(|(name, _)| name != INDEX);
            let rest: Vec<_> = rest.collect();
            self.path = path.to_owned();
            self.query.splice(0..0, rest);
        }
        self.query.push((INDEX.to_owned(), index.to_owned()));
    }

    fn json_index(&self) -> Option<Value> {
        let Body::Bytes(bytes) = &self.body else {
            return None;
        };
        serde_json::from_slice::<Value>(bytes)
            .ok()?
            .get(INDEX)
            .cloned()
    }

    fn turn_body_to(&mut self, index: &str) {
        let Body::Bytes(bytes) = &mut self.body else {
            return;
        };
        if let Ok(mut body) = serde_json::from_slice::<Value>(bytes) {
            // A number stays one, and a text.
            body[INDEX] = match (&body[INDEX], index.parse::<i64>()) {
                (Value::Number(_), Ok(number)) => number.into(),
                _ => index.into(),
            };
            *bytes = body.to_string().into_bytes();
        }
    }
}

/// The parts of a query, decoded.
fn pairs(query: &str) -> Vec<(String, String)> {
    let query = query.split('#').next().unwrap_or_default();
    let url = Url::parse(&format!("http://localhost/?{query}"));
    let pairs = url.map(|url| url.query_pairs().into_owned().collect());
    pairs.unwrap_or_default()
}
