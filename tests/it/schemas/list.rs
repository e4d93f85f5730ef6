//! Generated from `openapi/prancer-auth.yaml` by `cargo xtask generate`; do not edit.

use super::{Again, again, schema};
use schemars::Schema;
pub(super) fn schemas() -> Vec<(&'static str, Schema)> {
    vec![
        ("Password", schema::<prancer_auth_client::Password>()),
        ("AccessToken", schema::<prancer_auth_client::AccessToken>()),
        (
            "RefreshToken",
            schema::<prancer_auth_client::RefreshToken>(),
        ),
        (
            "Credentials",
            schema::<prancer_auth_client::types::Credentials>(),
        ),
        (
            "TokenPair",
            schema::<prancer_auth_client::types::TokenPair>(),
        ),
        (
            "EmptyData",
            schema::<prancer_auth_client::types::EmptyData>(),
        ),
        ("Metadata", schema::<prancer_auth_client::types::Metadata>()),
        (
            "TokenEnvelope",
            schema::<prancer_auth_client::types::TokenEnvelope>(),
        ),
        (
            "EmptyEnvelope",
            schema::<prancer_auth_client::types::EmptyEnvelope>(),
        ),
        (
            "ErrorEnvelope",
            schema::<prancer_auth_client::types::ErrorEnvelope>(),
        ),
    ]
}
pub(super) fn examples() -> Vec<(&'static str, Again)> {
    vec![
        (
            "/paths/~1api~1login~1/post/requestBody/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::Credentials>,
        ),
        (
            "/paths/~1api~1login~1/post/responses/200/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::TokenEnvelope>,
        ),
        (
            "/paths/~1api~1login~1/post/responses/400/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::ErrorEnvelope>,
        ),
        (
            "/paths/~1api~1refresh~1token~1/get/responses/200/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::TokenEnvelope>,
        ),
        (
            "/paths/~1api~1refresh~1token~1/get/responses/401/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::ErrorEnvelope>,
        ),
        (
            "/paths/~1api~1logout~1/post/responses/200/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::EmptyEnvelope>,
        ),
        (
            "/paths/~1api~1logout~1/post/responses/401/content/application~1json/examples/documented/value",
            again::<prancer_auth_client::types::ErrorEnvelope>,
        ),
    ]
}
