//! The interactive reference at `/docs`: Swagger UI over the document, with this emulator as its server.

use axum::Router;
use axum::routing::get;
use http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::document::Document;

/// The page, its assets and its document. They are no part of the portal: nothing is counted, no fault is met.
pub(crate) fn router(document: &Document, tenant: Option<&str>) -> Router {
    let mut document = document.value.clone();
    document["servers"] = json!([{
        "url": format!("/{}", tenant.unwrap_or_default()),
        "description": "This emulator",
    }]);
    for example in examples(&mut document) {
        // The page fills in the first one: that which is answered here.
        if let Some(own) = example.remove("emulator") {
            let others = std::mem::take(example);
            example.insert("emulator".to_owned(), own);
            example.extend(others);
        }
    }
    let config = Config::default()
        // The schemas wait folded below the operations.
        .default_models_expand_depth(0)
        .persist_authorization(false)
        .try_it_out_enabled(true)
        // No badge that would send the document's address elsewhere.
        .validator_url("none");
    // A document with a name: without one, the page has a field that loads others from anywhere.
    let url = Url::new("Prancer Authentication API", "/docs/openapi.json");
    let page = SwaggerUi::new("/docs").external_url_unchecked(url, document);
    let page: Router = page.config(config).into();
    // In place of the one that Swagger UI brings along, which knows wide windows only.
    let style = ([(CONTENT_TYPE, "text/css")], include_str!("docs.css"));
    page.route("/docs/index.css", get(|| async move { style }))
}

/// The examples of all bodies that operations take.
fn examples(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document["paths"].as_object_mut().into_iter();
    let items = paths.flat_map(|it| it.values_mut());
    let operations = items.filter_map(Value::as_object_mut);
    let operations = operations.flat_map(|it| it.values_mut());
    operations.filter_map(|it| {
        it.pointer_mut("/requestBody/content/application~1json/examples")?
            .as_object_mut()
    })
}

#[cfg(test)]
mod tests {
    use crate::{Emulator, Fault, Operation};

    #[tokio::test]
    async fn the_page_is_not_counted_and_meets_no_fault() {
        let emulator = Emulator::start().unwrap();
        let all = [
            Operation::Login,
            Operation::Refresh,
            Operation::Logout,
            Operation::User,
            Operation::Collections,
            Operation::Logs,
        ];
        for operation in all {
            emulator.fail_next(operation, Fault::Drop);
        }
        for path in ["", "/", "/swagger-ui.css", "/openapi.json"] {
            let response = reqwest::get(format!("{}/docs{path}", emulator.url())).await;
            assert_eq!(response.unwrap().status(), 200, "{path}");
        }
        assert!(all.iter().all(|operation| emulator.calls(*operation) == 0));
        let login = reqwest::Client::new().post(format!("{}/api/login/", emulator.url()));
        assert!(login.send().await.is_err(), "its fault still waits");
    }
}
