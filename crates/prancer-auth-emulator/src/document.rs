//! The document: which operations there are, what each takes, and what it answers by schema and example.

use http::StatusCode;
use prancer_auth_client::{AccessToken, RefreshToken};
use serde_json::{Value, json};

use crate::token::Kind;

/// Written by `cargo xtask generate`.
const DOCUMENT: &str = include_str!("document.json");

/// The media type of everything that the document describes.
const JSON: &str = "application~1json";

#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) value: Value,
}

/// An operation of the document.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub(crate) path: String,
    pub(crate) method: String,
    /// The kind of token that it takes, if it takes one.
    pub(crate) token: Option<Kind>,
}

/// The two tokens of a session, which an answer gives wherever the document says so.
#[derive(Debug, Clone)]
pub(crate) struct Pair {
    pub(crate) access_token: AccessToken,
    pub(crate) refresh_token: RefreshToken,
}

/// What an operation answers.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
}

impl Document {
    pub(crate) fn read() -> serde_json::Result<Self> {
        let value = serde_json::from_str(DOCUMENT)?;
        Ok(Self { value })
    }

    pub(crate) fn operations(&self) -> Vec<Described> {
        let mut operations = Vec::new();
        for (path, item) in members(&self.value["paths"]) {
            for (method, operation) in members(item).filter(|(_, it)| it["responses"].is_object()) {
                let security = operation.get("security").unwrap_or(&self.value["security"]);
                let schemes = members(&security[0]);
                let token = schemes.map(|(name, _)| match name.as_str() {
                    "refreshToken" => Kind::Refresh,
                    _ => Kind::Access,
                });
                operations.push(Described {
                    path: path.clone(),
                    method: method.clone(),
                    token: token.last(),
                });
            }
        }
        operations
    }

    /// Whether a body, and the names in a query, are what the operation takes. Whether a token in the body is good, `accepts` says.
    pub(crate) fn takes(
        &self,
        of: &Described,
        query: &str,
        body: &[u8],
        accepts: &dyn Fn(&str, Kind) -> bool,
    ) -> bool {
        let operation = self.operation(of);
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let mut wanted = parameters.filter(|it| it["in"] == "query" && it["required"] == true);
        if !wanted.all(|it| {
            let mut given = query.split('&').map(|it| it.split('=').next());
            given.any(|name| name == it["name"].as_str())
        }) {
            return false;
        }
        let Some(content) = operation.pointer(&format!("/requestBody/content/{JSON}")) else {
            return true;
        };
        match serde_json::from_slice::<Value>(body) {
            Ok(body) => self.is_valid(&body, &content["schema"], accepts),
            Err(_) => body.is_empty() && operation["requestBody"]["required"] != true,
        }
    }

    fn is_valid(
        &self,
        value: &Value,
        schema: &Value,
        accepts: &dyn Fn(&str, Kind) -> bool,
    ) -> bool {
        if let (Some(token), Some(kind)) = (value.as_str(), kind(schema)) {
            return accepts(token, kind);
        }
        let schema = self.resolved(schema);
        let is_type = match schema["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64() || value.is_u64(),
            Some("number") => value.is_number(),
            Some("boolean") => value.is_boolean(),
            _ => true,
        };
        let listed = schema["enum"]
            .as_array()
            .is_none_or(|it| it.contains(value));
        let mut required = names(&schema["required"]);
        let mut properties = members(&schema["properties"]);
        let mut items = value.as_array().into_iter().flatten();
        is_type
            && listed
            && required.all(|name| value.get(name).is_some())
            && properties.all(|(name, schema)| {
                value
                    .get(name)
                    .is_none_or(|it| self.is_valid(it, schema, accepts))
            })
            && items.all(|it| self.is_valid(it, &schema["items"], accepts))
    }

    /// The first answer of success, with everything that its schema has where `whole`, else with what it must have.
    pub(crate) fn success(&self, of: &Described, pair: Option<&Pair>, whole: bool) -> Answer {
        let status = self
            .status(of, |it| it.is_success())
            .unwrap_or(StatusCode::OK);
        self.answer(
            &self.operation(of)["responses"][status.as_str()],
            status,
            pair,
            whole,
        )
    }

    /// Whether a success hands out tokens.
    pub(crate) fn gives_tokens(&self, of: &Described) -> bool {
        let marked = Pair {
            access_token: AccessToken::from("\0"),
            refresh_token: RefreshToken::from("\0"),
        };
        let body = self.success(of, Some(&marked), true).body;
        body.is_some_and(|it| it.to_string().contains("\\u0000"))
    }

    /// What says that a request was wrong: 400 where that is documented, else the first failure.
    pub(crate) fn failure(&self, of: &Described) -> Answer {
        let bad = self.status(of, |it| it == StatusCode::BAD_REQUEST);
        let status = bad.or_else(|| self.status(of, |it| it.is_client_error()));
        self.rejection(Some(of), status.unwrap_or(StatusCode::BAD_REQUEST))
    }

    /// A failure of the operation with this status, or that of another one: what is not documented for itself answers like those that are.
    pub(crate) fn rejection(&self, of: Option<&Described>, status: StatusCode) -> Answer {
        let all = self.operations();
        let mut answers = of.into_iter().chain(&all);
        let response = answers.find_map(|it| self.operation(it)["responses"].get(status.as_str()));
        self.answer(response.unwrap_or(&Value::Null), status, None, false)
    }

    fn status(&self, of: &Described, wanted: impl Fn(StatusCode) -> bool) -> Option<StatusCode> {
        let codes = members(&self.operation(of)["responses"]);
        codes
            .filter_map(|(code, _)| code.parse().ok())
            .find(|it| wanted(*it))
    }

    fn answer(
        &self,
        response: &Value,
        status: StatusCode,
        pair: Option<&Pair>,
        whole: bool,
    ) -> Answer {
        let response = self.resolved(response);
        let content = response.pointer(&format!("/content/{JSON}"));
        let body = content.map(|content| {
            let mut examples = members(&content["examples"]).map(|(_, it)| &it["value"]);
            let mut body = content
                .get("example")
                .or_else(|| examples.next())
                .cloned()
                .unwrap_or_default();
            self.fill(&mut body, &content["schema"], pair, whole);
            if body["status"].is_i64() {
                body["status"] = json!(status.as_u16());
            }
            body
        });
        let headers = members(&response["headers"]).map(|(name, header)| {
            let mut value = header["example"].clone();
            self.fill(&mut value, &header["schema"], None, false);
            (
                name.clone(),
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            )
        });
        Answer {
            status,
            headers: headers.collect(),
            body,
        }
    }

    /// Puts in what is missing, and the tokens in their places.
    fn fill(&self, value: &mut Value, schema: &Value, pair: Option<&Pair>, whole: bool) {
        if let (Some(pair), Some(kind)) = (pair, kind(schema)) {
            *value = json!(match kind {
                Kind::Access => pair.access_token.expose(),
                Kind::Refresh => pair.refresh_token.expose(),
            });
        }
        let schema = self.resolved(schema);
        if value.is_null() {
            *value = sample(schema);
        }
        let Some(object) = value.as_object_mut() else {
            return;
        };
        for (name, property) in members(&schema["properties"]) {
            if whole || object.contains_key(name) || names(&schema["required"]).any(|it| it == name)
            {
                self.fill(
                    object.entry(name.as_str()).or_insert(Value::Null),
                    property,
                    pair,
                    whole,
                );
            }
        }
    }

    fn operation(&self, of: &Described) -> &Value {
        &self.value["paths"][&of.path][&of.method]
    }

    /// What a `$ref` refers to, else the value itself.
    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let target = value["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
        target
            .and_then(|it| self.value.pointer(it))
            .unwrap_or(value)
    }
}

/// The kind of token that a schema stands for.
fn kind(schema: &Value) -> Option<Kind> {
    match schema["$ref"].as_str()?.rsplit('/').next()? {
        "AccessToken" => Some(Kind::Access),
        "RefreshToken" => Some(Kind::Refresh),
        _ => None,
    }
}

/// A value of a schema, without its members.
fn sample(schema: &Value) -> Value {
    let given = schema.get("example").or_else(|| schema.get("default"));
    if let Some(given) = given.or_else(|| schema["enum"].get(0)) {
        return given.clone();
    }
    match schema["type"].as_str() {
        Some("array") => json!([]),
        Some("string") => json!(""),
        Some("integer" | "number") => json!(0),
        Some("boolean") => json!(false),
        _ => json!({}),
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn names(value: &Value) -> impl Iterator<Item = &str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
}
