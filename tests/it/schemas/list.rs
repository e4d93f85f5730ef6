//! Generated from `openapi/prancer-auth.yaml` by `cargo xtask generate`; do not edit.

use super::{OfType, of};
pub(super) fn schemas() -> Vec<(&'static str, OfType)> {
    vec![
        ("Password", of::<prancer_auth_client::Password>()),
        ("AccessToken", of::<prancer_auth_client::AccessToken>()),
        ("RefreshToken", of::<prancer_auth_client::RefreshToken>()),
        (
            "Credentials",
            of::<prancer_auth_client::types::Credentials>(),
        ),
        ("TokenPair", of::<prancer_auth_client::types::TokenPair>()),
        ("EmptyData", of::<prancer_auth_client::types::EmptyData>()),
        ("Metadata", of::<prancer_auth_client::types::Metadata>()),
        (
            "TokenEnvelope",
            of::<prancer_auth_client::types::TokenEnvelope>(),
        ),
        (
            "EmptyEnvelope",
            of::<prancer_auth_client::types::EmptyEnvelope>(),
        ),
        (
            "ErrorEnvelope",
            of::<prancer_auth_client::types::ErrorEnvelope>(),
        ),
    ]
}
